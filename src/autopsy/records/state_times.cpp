#include "autopsy/records/state_times.h"

#include <algorithm>
#include <charconv>
#include <ctime>
#include <string>

#include "base/when.h"

namespace stapkill {
namespace {

constexpr Time kSecond = 1'000'000'000, kMinute = 60 * kSecond, kHour = 60 * kMinute;
constexpr Time kFirst = Time{31'536'000} * kSecond, kLast = Time{7'258'118'400} * kSecond;  // 1971, 2200
constexpr Time kAnyZone = 14 * kHour;                                                       // UTC+14 is the farthest

std::optional<int> number(std::string_view digits) {
  int value = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  bool whole = error == std::errc() && end == digits.data() + digits.size() && value >= 0;
  return whole ? std::optional(value) : std::nullopt;
}

/// The next word, without the blanks around it.
std::string_view word(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  auto end = std::min(text.find(' '), text.size());
  auto found = text.substr(0, end);
  text.remove_prefix(end);
  return found;
}

/// Abbreviations of one offset only, in the zones of today (tzdata 2024a), in hours. CST, IST and the like are of many.
struct Zone {
  std::string_view name;
  int hours;
};
constexpr Zone kZones[] = {
    {"UTC", 0},  {"GMT", 0},  {"WET", 0},   {"WEST", 1},  {"CET", 1},   {"CEST", 2},  {"EET", 2},
    {"EEST", 3}, {"MSK", 3},  {"JST", 9},   {"KST", 9},   {"EST", -5},  {"EDT", -4},  {"MST", -7},
    {"MDT", -6}, {"PDT", -7}, {"AKST", -9}, {"AKDT", -8}, {"HST", -10}, {"AEST", 10}, {"AEDT", 11},
};

/// "+03", "-0330": what zones without an abbreviation have.
std::optional<Time> numeric_zone(std::string_view name) {
  if (name.size() != 3 && name.size() != 5) return std::nullopt;
  if (name[0] != '+' && name[0] != '-') return std::nullopt;
  auto hours = number(name.substr(1, 2)), minutes = name.size() == 5 ? number(name.substr(3)) : std::optional(0);
  if (!hours || !minutes || *hours > 14 || *minutes > 59) return std::nullopt;
  return (name[0] == '-' ? -1 : 1) * (*hours * kHour + *minutes * kMinute);
}

std::optional<Time> zone_offset(std::string_view name) {
  if (auto offset = numeric_zone(name)) return offset;
  for (const auto& zone : kZones) {
    if (zone.name == name) return zone.hours * kHour;
  }
  return std::nullopt;
}

std::optional<int> month(std::string_view name) {
  constexpr std::string_view all = "JanFebMarAprMayJunJulAugSepOctNovDec";
  auto at = name.size() == 3 ? all.find(name) : std::string_view::npos;
  return at == std::string_view::npos || at % 3 ? std::nullopt : std::optional(static_cast<int>(at / 3) + 1);
}

/// "@1764526881".
std::optional<StampedTime> unix_time(std::string_view text) {
  auto seconds = number(text.substr(1));
  if (!seconds) return std::nullopt;
  auto time = nanoseconds_time(*seconds * kSecond);
  return time ? std::optional(StampedTime{*time, kSecond}) : std::nullopt;
}

}  // namespace

std::optional<Time> nanoseconds_time(std::optional<std::int64_t> number) {
  return number && *number >= kFirst && *number < kLast ? number : std::nullopt;
}

std::optional<Time> rfc3339_time(std::string_view text) {
  // parse_when() takes more forms than this, and other years do not fit a Time.
  if (text.size() < 20 || text.size() > 40 || text[10] != 'T') return std::nullopt;
  if (!text.ends_with('Z') && text.find_first_of("+-", 19) == std::string_view::npos) return std::nullopt;
  auto year = number(text.substr(0, 4));
  if (!year || *year < 1971 || *year >= 2200) return std::nullopt;
  return parse_when(text, 0);
}

std::optional<Time> rfc1123z_time(std::string_view text) {
  if (!word(text).ends_with(',')) return std::nullopt;
  auto day = word(text);
  auto named = month(word(text));
  auto year = word(text), clock = word(text), zone = word(text);
  if (!named || day.size() != 2 || zone.size() != 5) return std::nullopt;
  std::string plain(year);
  plain.append(*named < 10 ? "-0" : "-").append(std::to_string(*named)).append("-").append(day);
  plain.append("T").append(clock).append(zone.substr(0, 3)).append(":").append(zone.substr(3));
  return rfc3339_time(plain);
}

std::optional<StampedTime> systemd_time(std::string_view text) {
  if (text.starts_with('@')) return unix_time(text);
  word(text);  // the day of the week
  auto day = word(text), clock = word(text), zone = word(text);
  std::string plain(day);
  plain.append("T").append(clock).append("Z");
  auto time = rfc3339_time(plain);
  if (!time) return std::nullopt;
  Time doubt = clock.find('.') == std::string_view::npos ? kSecond : 0;
  auto offset = zone_offset(zone);
  return offset ? StampedTime{*time - *offset, doubt} : StampedTime{*time, kAnyZone};
}

}  // namespace stapkill
