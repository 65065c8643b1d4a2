#include "base/when.h"

#include <charconv>
#include <ctime>

namespace stapkill {
namespace {

constexpr Time kSecond = 1'000'000'000;

/// Takes a number of so many digits from the front of a text.
bool take(std::string_view& text, std::size_t digits, int& value) {
  if (text.size() < digits) return false;
  auto read = std::from_chars(text.data(), text.data() + digits, value);
  if (read.ec != std::errc() || read.ptr != text.data() + digits) return false;
  text.remove_prefix(digits);
  return true;
}

bool take(std::string_view& text, char one) {
  if (!text.starts_with(one)) return false;
  text.remove_prefix(1);
  return true;
}

/// "10:00" or "10:00:00".
bool take_clock(std::string_view& text, std::tm& parts) {
  parts.tm_sec = 0;
  if (!take(text, 2, parts.tm_hour) || !take(text, ':') || !take(text, 2, parts.tm_min)) return false;
  if (take(text, ':') && !take(text, 2, parts.tm_sec)) return false;
  return parts.tm_hour < 24 && parts.tm_min < 60 && parts.tm_sec < 61;
}

bool take_day(std::string_view& text, std::tm& parts) {
  if (!take(text, 4, parts.tm_year) || !take(text, '-') || !take(text, 2, parts.tm_mon) || !take(text, '-') ||
      !take(text, 2, parts.tm_mday))
    return false;
  constexpr int first = 1678, last = 2261;  // what nanoseconds in 64 bits reach
  if (parts.tm_year < first || parts.tm_year > last) return false;
  parts.tm_year -= 1900;
  parts.tm_mon -= 1;
  return parts.tm_mon >= 0 && parts.tm_mon < 12 && parts.tm_mday >= 1 && parts.tm_mday <= 31;
}

Time local(std::tm parts) {
  parts.tm_isdst = -1;
  return static_cast<Time>(::mktime(&parts)) * kSecond;
}

/// "Z" or "+01:00": seconds east of UTC.
std::optional<int> take_zone(std::string_view& text) {
  if (take(text, 'Z')) return 0;
  int sign = text.starts_with('-') ? -1 : 1, hours = 0, minutes = 0;
  if (!take(text, '+') && !take(text, '-')) return std::nullopt;
  if (!take(text, 2, hours) || !take(text, ':') || !take(text, 2, minutes)) return std::nullopt;
  return sign * (hours * 60 + minutes) * 60;
}

/// What follows the seconds: a fraction of at most nine digits.
Time take_fraction(std::string_view& text) {
  Time fraction = 0;
  if (!take(text, '.')) return 0;
  Time worth = kSecond / 10;
  for (; !text.empty() && text[0] >= '0' && text[0] <= '9'; text.remove_prefix(1), worth /= 10)
    fraction += (text[0] - '0') * worth;
  return fraction;
}

std::optional<Time> absolute(std::string_view text) {
  std::tm parts{};
  if (!take_day(text, parts)) return std::nullopt;
  if (text.empty()) return local(parts);
  if (!take(text, 'T') && !take(text, ' ')) return std::nullopt;
  if (!take_clock(text, parts)) return std::nullopt;
  auto fraction = take_fraction(text);
  if (text.empty()) return local(parts) + fraction;
  auto zone = take_zone(text);
  if (!zone || !text.empty()) return std::nullopt;
  return (static_cast<Time>(::timegm(&parts)) - *zone) * kSecond + fraction;
}

std::optional<Time> ago(std::string_view text, Time now) {
  std::int64_t number = 0;
  auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  std::string_view unit(read.ptr, static_cast<std::size_t>(text.data() + text.size() - read.ptr));
  constexpr std::pair<std::string_view, Time> units[] = {{"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};
  for (const auto& [name, seconds] : units) {
    if (read.ec == std::errc() && number >= 0 && number < 1'000'000 && unit == name)
      return now - number * seconds * kSecond;
  }
  return std::nullopt;
}

/// "yesterday 03:00", "today", "03:00".
std::optional<Time> of_day(std::string_view text, Time now) {
  auto seconds = static_cast<std::time_t>(now / kSecond);
  std::tm parts{};
  ::localtime_r(&seconds, &parts);
  parts.tm_hour = parts.tm_min = parts.tm_sec = 0;
  bool named = false;
  for (std::string_view day : {"yesterday", "today"}) {
    if (!text.starts_with(day)) continue;
    named = true;
    if (day == "yesterday") --parts.tm_mday;
    text.remove_prefix(day.size());
    if (text.empty()) return local(parts);
    if (!take(text, ' ')) return std::nullopt;
  }
  if (!take_clock(text, parts) || !text.empty()) return std::nullopt;
  auto time = local(parts);
  return named || time <= now ? time : time - Time{86400} * kSecond;  // "23:00" in the morning was yesterday
}

}  // namespace

std::optional<Time> parse_when(std::string_view text, Time now) {
  if (auto time = absolute(text)) return time;
  if (auto time = ago(text, now)) return time;
  return of_day(text, now);
}

}  // namespace stapkill
