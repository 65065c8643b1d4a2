#include "cli/times.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>

#include "verdict/evidence.h"

namespace stapkill {
namespace {

constexpr Time kSecond = 1'000'000'000;

/// Units and how many of the next smaller one each has.
struct Unit {
  std::string_view name, smaller;
  Time seconds, of_smaller;
};
constexpr Unit kUnits[] = {{"h", "min", 3600, 60}, {"min", "s", 60, 1}};
constexpr Time kHour = 3600, kDay = 24 * kHour;

}  // namespace

std::string date_and_time(Time time) {
  auto seconds = static_cast<std::time_t>(time / kSecond);
  std::tm parts{};
  if (!::localtime_r(&seconds, &parts)) return std::to_string(seconds);
  char text[64];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts)};
}

std::string time_beside(Time time, Time other) {
  constexpr std::size_t date = sizeof "2026-11-30" - 1;
  auto own = date_and_time(time);
  return own.substr(0, date) == date_and_time(other).substr(0, date) ? clock_time(time) : own;
}

Phrase span_text(Time span) {
  constexpr Time short_span = 100 * kSecond;
  if (span < short_span) return duration_text(std::max(span, Time{0}));
  auto seconds = span / kSecond;
  if (seconds >= 2 * kDay) return phrase("{} days {} h", seconds / kDay, seconds % kDay / kHour);
  const auto* unit =
      std::find_if(std::begin(kUnits), std::end(kUnits), [&](const Unit& one) { return seconds >= one.seconds; });
  return fmt::format("{} {} {} {}", seconds / unit->seconds, unit->name, seconds % unit->seconds / unit->of_smaller,
                     unit->smaller);
}

}  // namespace stapkill
