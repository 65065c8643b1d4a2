#include "sys/clock.h"

#include <ctime>

namespace stapkill {
namespace {

std::int64_t now(clockid_t id) {
  timespec time{};
  ::clock_gettime(id, &time);
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

std::int64_t wall_now() {
  return now(CLOCK_REALTIME);
}

std::int64_t boot_now() {
  return now(CLOCK_BOOTTIME);
}

std::int64_t wall_of_boot(std::int64_t boot_ns) {
  static std::int64_t offset = 0, measured = -1;
  if (measured < 0 || boot_ns - measured > 1'000'000'000 || boot_ns < measured - 1'000'000'000) {
    std::int64_t boot = boot_now();
    offset = wall_now() - boot;
    measured = boot_ns;
  }
  return boot_ns + offset;
}

}  // namespace stapkill
