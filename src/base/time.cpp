#include "base/time.h"

#include <algorithm>
#include <cstdint>
#include <ctime>

namespace stapkill {
namespace {

constexpr Time kSecond = 1'000'000'000;
constexpr Time kTick = kSecond / 100;  // USER_HZ is 100 on every architecture that SystemTap runs on

void append_padded(std::string& out, std::int64_t value, int width) {
  char digits[20];
  for (int i = width - 1; i >= 0; --i, value /= 10) digits[i] = static_cast<char>('0' + value % 10);
  out.append(digits, static_cast<std::size_t>(width));
}

/// "2026-11-20T19:22:30", kept for a whole second, because many records share one.
const std::string& second_text(std::int64_t seconds) {
  static std::int64_t last = INT64_MIN;
  static std::string text;
  if (seconds == last) return text;
  std::time_t stamp = seconds;
  std::tm parts{};
  gmtime_r(&stamp, &parts);
  char buffer[32];
  text.assign(buffer, std::strftime(buffer, sizeof buffer, "%Y-%m-%dT%H:%M:%S", &parts));
  last = seconds;
  return text;
}

}  // namespace

void append_rfc3339(std::string& out, Time time) {
  std::int64_t seconds = time / kSecond, rest = time % kSecond;
  if (rest < 0) {
    --seconds;
    rest += kSecond;
  }
  char text[11] = {'.'};
  for (int at = 9; at > 0; --at, rest /= 10) text[at] = static_cast<char>('0' + rest % 10);
  text[10] = 'Z';
  out += second_text(seconds);
  out.append(text, sizeof text);
}

std::string clock_time(Time time) {
  std::time_t stamp = time / kSecond;
  std::tm parts{};
  localtime_r(&stamp, &parts);
  char buffer[16];
  std::string out(buffer, std::strftime(buffer, sizeof buffer, "%H:%M:%S.", &parts));
  append_padded(out, time % kSecond / 1'000'000, 3);
  return out;
}

Time time_of_start(std::uint64_t ticks, Time booted) {
  constexpr std::uint64_t most = INT64_MAX / kTick / 2;  // a damaged record can hold any number
  return booted / kTick * kTick + static_cast<Time>(std::min(ticks, most)) * kTick;
}

}  // namespace stapkill
