#include "session/clock_watch.h"

#include <algorithm>
#include <cstdlib>
#include <ctime>

#include "sys/clock.h"

namespace stapkill {
namespace {

constexpr Time kSecond = 1'000'000'000;

Time read_clock(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return time.tv_sec * kSecond + time.tv_nsec;
}

}  // namespace

Clocks clocks_now() {
  return {wall_now(), boot_now(), read_clock(CLOCK_MONOTONIC)};
}

std::vector<BlindInterval> ClockWatch::look(const Clocks& now) {
  std::vector<BlindInterval> gaps;
  if (last_) {
    Time slept = (now.boot - now.monotonic) - (last_->boot - last_->monotonic);
    Time stepped = (now.wall - now.boot) - (last_->wall - last_->boot);
    if (slept >= kSecond) gaps.push_back({now.wall - slept, now.wall, BlindInterval::Why::suspended, 0});
    if (std::abs(stepped) >= kSecond) {
      Time unset = now.wall - stepped;
      gaps.push_back({std::min(unset, now.wall), std::max(unset, now.wall), BlindInterval::Why::stepped, 0});
    }
  }
  last_ = now;
  return gaps;
}

}  // namespace stapkill
