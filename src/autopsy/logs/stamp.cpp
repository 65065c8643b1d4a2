#include "autopsy/logs/stamp.h"

#include <chrono>

#include "autopsy/logs/month_names.h"
#include "autopsy/logs/take.h"

namespace stapkill {
namespace {

constexpr Time kSecond = 1'000'000'000;
constexpr Time kMinute = 60 * kSecond, kHour = 60 * kMinute, kDay = 24 * kHour;
// dmesg adds the kernel's stamp to the boot's start: the kernel's clock (sched_clock) runs free, and counts no sleep
// (dmesg(1), --ctime: "could be inaccurate").
constexpr Time kOfDmesg = 2 * kMinute;
constexpr Time kZoneUnknown = 14 * kHour;

struct Clock {
  Time of_day = 0;
  Time unit = kSecond;  ///< what the last digit counts
  int fraction = 0;
  bool comma = false;
};

/// ".123456" or ",123456": at most nine digits count.
void take_fraction(std::string_view& text, Clock& clock) {
  bool comma = text.starts_with(',');
  if (text.size() < 2 || !(comma || text[0] == '.') || !is_digit(text[1])) return;
  clock.comma = comma;
  text.remove_prefix(1);
  for (; !text.empty() && is_digit(text[0]); text.remove_prefix(1), ++clock.fraction) {
    if (clock.fraction >= 9) continue;
    clock.unit /= 10;
    clock.of_day += (text[0] - '0') * clock.unit;
  }
}

/// "18:21:21" or "18:21:21.123456".
bool take_clock(std::string_view& text, Clock& clock) {
  auto rest = text;
  int hour = 0, minute = 0, second = 0;
  if (!take_digits(rest, 1, 2, hour) || !take_char(rest, ':') || !take_digits(rest, 2, 2, minute) ||
      !take_char(rest, ':') || !take_digits(rest, 2, 2, second))
    return false;
  if (hour > 23 || minute > 59 || second > 60) return false;
  clock.of_day = hour * kHour + minute * kMinute + second * kSecond;
  take_fraction(rest, clock);
  text = rest;
  return true;
}

/// A blank, or the end.
bool take_end(std::string_view& text) {
  return text.empty() || take_char(text, ' ');
}

bool take_date(std::string_view& text, Time& at) {
  auto rest = text;
  int year = 0, month = 0, day = 0;
  if (!take_digits(rest, 4, 4, year) || !take_char(rest, '-') || !take_digits(rest, 2, 2, month) ||
      !take_char(rest, '-') || !take_digits(rest, 2, 2, day))
    return false;
  auto midnight = day_time(year, month, day);
  if (!midnight) return false;
  at = *midnight;
  text = rest;
  return true;
}

/// "Z", "+01:00", "+0100", "+01": ns east of UTC.
std::optional<Time> take_offset(std::string_view& text) {
  auto rest = text;
  if (take_char(rest, 'Z')) {
    text = rest;
    return 0;
  }
  bool west = rest.starts_with('-');
  int hours = 0, minutes = 0;
  if (!take_char(rest, '+') && !take_char(rest, '-')) return std::nullopt;
  if (!take_digits(rest, 2, 2, hours)) return std::nullopt;
  bool colon = take_char(rest, ':');
  if (!take_digits(rest, 2, 2, minutes) && colon) return std::nullopt;
  if (hours > 15 || minutes > 59) return std::nullopt;
  text = rest;
  return (west ? -1 : 1) * (hours * kHour + minutes * kMinute);
}

struct Abbreviation {
  std::string_view name;
  Time hours;
};
// Those that mean one zone alone: "CST", "IST" and "BST" have several meanings.
constexpr Abbreviation kZones[] = {
    {"UTC", 0},   {"GMT", 0},   {"WET", 0},   {"WEST", 1},  {"CET", 1},   {"CEST", 2}, {"EET", 2},  {"EEST", 3},
    {"MSK", 3},   {"PKT", 5},   {"WIB", 7},   {"HKT", 8},   {"AWST", 8},  {"JST", 9},  {"KST", 9},  {"AEST", 10},
    {"AEDT", 11}, {"NZST", 12}, {"NZDT", 13}, {"EST", -5},  {"EDT", -4},  {"CDT", -5}, {"MST", -7}, {"MDT", -6},
    {"PST", -8},  {"PDT", -7},  {"HST", -10}, {"AKST", -9}, {"AKDT", -8},
};

void set_zone(std::string_view name, Stamp& stamp) {
  auto rest = name;
  auto offset = take_offset(rest);
  if (!rest.empty()) offset.reset();
  for (const auto& zone : kZones) {
    if (zone.name == name) offset = zone.hours * kHour;
  }
  stamp.kind = offset ? Stamp::Kind::absolute : Stamp::Kind::local;
  if (offset) {
    stamp.at -= *offset;
  } else {
    stamp.doubt += kZoneUnknown;
  }
}

/// A day of the week in any language: a short word.
bool take_weekday(std::string_view& text) {
  auto word = first_word(text);
  if (word.empty() || word.size() > 16 || word.size() == text.size() || is_digit(word[0]) ||
      word.find_first_of("[]<>:") != std::string_view::npos)
    return false;
  text.remove_prefix(word.size());
  take_blanks(text);
  return true;
}

}  // namespace

std::optional<Time> day_time(int year, int month, int day) {
  if (year < 1970 || year > 2200 || month < 1 || day < 1) return std::nullopt;  // what Time can count
  namespace chrono = std::chrono;
  chrono::year_month_day date(chrono::year(year), chrono::month(static_cast<unsigned>(month)),
                              chrono::day(static_cast<unsigned>(day)));
  if (!date.ok()) return std::nullopt;
  return chrono::sys_days(date).time_since_epoch().count() * kDay;
}

bool take_bsd_stamp(std::string_view& text, Stamp& stamp) {
  auto rest = text;
  if (take_blanks(rest) > 1) return false;
  Clock clock;
  int day = 0, month = take_month(rest);
  if (month == 0 || take_blanks(rest) == 0 || !take_digits(rest, 1, 2, day) || take_blanks(rest) == 0 ||
      !take_clock(rest, clock) || !take_end(rest) || !day_time(2000, month, day))
    return false;
  stamp.kind = Stamp::Kind::yearless;
  stamp.month = month;
  stamp.day = day;
  stamp.of_day = clock.of_day;
  stamp.doubt = clock.unit;
  text = rest;
  return true;
}

bool take_iso_stamp(std::string_view& text, Stamp& stamp, int& fraction, bool& comma) {
  auto rest = text;
  Time at = 0;
  Clock clock;
  if (!take_date(rest, at) || (!take_char(rest, 'T') && !take_char(rest, ' ')) || !take_clock(rest, clock))
    return false;
  auto offset = take_offset(rest);
  if (!take_end(rest)) return false;
  stamp.kind = offset ? Stamp::Kind::absolute : Stamp::Kind::local;
  stamp.at = at + clock.of_day - offset.value_or(0);
  stamp.doubt = clock.comma ? kOfDmesg : clock.unit;
  fraction = clock.fraction;
  comma = clock.comma;
  text = rest;
  return true;
}

bool take_full_stamp(std::string_view& text, Stamp& stamp) {
  auto rest = text;
  Clock clock;
  Time at = 0;
  if (!take_weekday(rest) || !take_date(rest, at) || !take_char(rest, ' ') || !take_clock(rest, clock) ||
      !take_char(rest, ' '))
    return false;
  auto zone = first_word(rest);
  if (zone.empty() || zone.size() > 8) return false;
  rest.remove_prefix(zone.size());
  stamp.at = at + clock.of_day;
  stamp.doubt = clock.unit;
  set_zone(zone, stamp);
  take_blanks(rest);
  text = rest;
  return true;
}

bool take_ctime_stamp(std::string_view& text, Stamp& stamp) {
  auto rest = text;
  Clock clock;
  if (!take_weekday(rest)) return false;
  int day = 0, year = 0, month = take_month(rest);
  if (month == 0 || take_blanks(rest) == 0 || !take_digits(rest, 1, 2, day) || take_blanks(rest) == 0 ||
      !take_clock(rest, clock) || !take_char(rest, ' ') || !take_digits(rest, 4, 4, year))
    return false;
  auto midnight = day_time(year, month, day);
  if (!midnight) return false;
  stamp.kind = Stamp::Kind::local;
  stamp.at = *midnight + clock.of_day;
  stamp.doubt = clock.unit;
  take_char(rest, ' ');
  text = rest;
  return true;
}

bool take_unix_stamp(std::string_view& text, Stamp& stamp) {
  auto rest = text;
  Time seconds = 0;
  if (!take_digits(rest, 9, 10, seconds)) return false;
  if (seconds > 7258118400) return false;  // 2200
  Clock clock;
  take_fraction(rest, clock);
  if (clock.fraction != 6 || !take_char(rest, ' ')) return false;
  stamp.kind = Stamp::Kind::absolute;
  stamp.at = seconds * kSecond + clock.of_day;
  stamp.doubt = clock.unit;
  text = rest;
  return true;
}

bool take_klog_stamp(std::string_view& text, Stamp& stamp, int& pid) {
  auto rest = text;
  if (rest.empty() || std::string_view("IWEF").find(rest[0]) == std::string_view::npos) return false;
  rest.remove_prefix(1);
  Clock clock;
  int month = 0, day = 0, number = 0;
  if (!take_digits(rest, 2, 2, month) || !take_digits(rest, 2, 2, day) || !take_char(rest, ' ') ||
      !take_clock(rest, clock) || clock.fraction != 6 || take_blanks(rest) == 0 || !take_digits(rest, 1, 9, number) ||
      !take_char(rest, ' ') || !day_time(2000, month, day))
    return false;
  auto end = rest.find("] ");
  if (end > 200) return false;
  stamp.kind = Stamp::Kind::yearless;
  stamp.month = month;
  stamp.day = day;
  stamp.of_day = clock.of_day;
  stamp.doubt = clock.unit;
  pid = number;
  text = rest.substr(end + 2);
  return true;
}

bool take_boot_stamp(std::string_view& text, Stamp& stamp) {
  auto rest = text;
  if (!take_char(rest, '[')) return false;
  take_blanks(rest);
  Time seconds = 0, micros = 0;
  if (!take_digits(rest, 1, 9, seconds) || !take_char(rest, '.') || !take_digits(rest, 6, 6, micros) ||
      !take_char(rest, ']'))
    return false;
  stamp.since_boot = seconds * kSecond + micros * 1000;
  if (stamp.kind == Stamp::Kind::none) stamp.kind = Stamp::Kind::boot;
  auto caller = rest;
  take_blanks(caller);
  if (take_char(caller, '[')) {
    take_blanks(caller);
    Time number = 0;
    if ((take_char(caller, 'T') || take_char(caller, 'C')) && take_digits(caller, 1, 9, number) &&
        take_char(caller, ']'))
      rest = caller;
  }
  take_char(rest, ' ');
  text = rest;
  return true;
}

bool take_delta_stamp(std::string_view& text, Stamp& stamp) {
  auto rest = text;
  if (!take_char(rest, '[')) return false;
  int day = 0, hour = 0, minute = 0, month = take_month(rest);
  if (month == 0) {
    take_blanks(rest);
    Time seconds = 0, micros = 0;
    if (!take_char(rest, '+') || !take_digits(rest, 1, 9, seconds) || !take_char(rest, '.') ||
        !take_digits(rest, 6, 6, micros) || !take_char(rest, ']'))
      return false;
  } else {
    take_blanks(rest);
    if (!take_digits(rest, 1, 2, day) || !take_char(rest, ' ') || !take_digits(rest, 2, 2, hour) ||
        !take_char(rest, ':') || !take_digits(rest, 2, 2, minute) || !take_char(rest, ']') || hour > 23 ||
        minute > 59 || !day_time(2000, month, day))
      return false;
    stamp.kind = Stamp::Kind::yearless;
    stamp.month = month;
    stamp.day = day;
    stamp.of_day = hour * kHour + minute * kMinute;
    stamp.doubt = kMinute + kOfDmesg;
  }
  take_char(rest, ' ');
  text = rest;
  return true;
}

}  // namespace stapkill
