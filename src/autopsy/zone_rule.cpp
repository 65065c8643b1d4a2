#include "autopsy/zone_rule.h"

#include <ctime>

namespace stapkill {
namespace {

constexpr std::int64_t kDay = 86400;

/// Days since 1970 of a date of the Gregorian calendar.
std::int64_t days_of(std::int64_t year, std::int64_t month, std::int64_t day) {
  std::tm parts{};
  parts.tm_year = static_cast<int>(year - 1900);
  parts.tm_mon = static_cast<int>(month - 1);
  parts.tm_mday = static_cast<int>(day);
  return static_cast<std::int64_t>(::timegm(&parts)) / kDay;
}

std::int64_t year_of(std::int64_t seconds) {
  std::time_t time = seconds;
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  return parts.tm_year + 1900;
}

/// Reads a rule from left to right.
class RuleReader {
 public:
  explicit RuleReader(std::string_view text) : text_(text) {}

  std::optional<ZoneRule> read() {
    ZoneRule rule;
    if (!name() || !offset(rule.standard)) return std::nullopt;
    rule.standard = -rule.standard;
    if (text_.empty()) return rule;
    if (!name()) return std::nullopt;
    rule.summer = rule.standard + 3600;
    if (!text_.empty() && text_[0] != ',') {
      if (!offset(rule.summer)) return std::nullopt;
      rule.summer = -rule.summer;
    }
    std::string_view usual = ",M3.2.0,M11.1.0";
    if (text_.empty()) text_ = usual;
    std::pair<ZoneChange, ZoneChange> changes;
    if (!change(changes.first) || !change(changes.second) || !text_.empty()) return std::nullopt;
    rule.changes = changes;
    return rule;
  }

 private:
  bool take(char one) {
    if (!text_.starts_with(one)) return false;
    text_.remove_prefix(1);
    return true;
  }

  bool number(int& value, int most) {
    if (text_.empty() || text_[0] < '0' || text_[0] > '9') return false;
    for (value = 0; !text_.empty() && text_[0] >= '0' && text_[0] <= '9' && value <= most; text_.remove_prefix(1))
      value = value * 10 + (text_[0] - '0');
    return value <= most;
  }

  bool name() {
    bool quoted = take('<');
    auto is_part = [&](char c) {
      bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
      return quoted ? c != '>' : letter;
    };
    std::size_t length = 0;
    while (length < text_.size() && is_part(text_[length])) ++length;
    text_.remove_prefix(length);
    return length >= 3 && (!quoted || take('>'));
  }

  /// "-1", "5:30", "167:59:59"
  bool offset(std::int64_t& seconds) {
    int sign = take('-') ? -1 : 1, hours = 0, minutes = 0, rest = 0;
    if (sign == 1) take('+');
    if (!number(hours, 167)) return false;
    if (take(':') && !number(minutes, 59)) return false;
    if (take(':') && !number(rest, 59)) return false;
    seconds = std::int64_t{sign} * (hours * 3600 + minutes * 60 + rest);
    return true;
  }

  bool change(ZoneChange& made) {
    if (!take(',')) return false;
    if (take('M')) {
      if (!number(made.month, 12) || !take('.') || !number(made.week, 5) || !take('.') || !number(made.day, 6))
        return false;
      if (made.month < 1 || made.week < 1) return false;
    } else {
      made.kind = take('J') ? ZoneChange::Kind::julian : ZoneChange::Kind::zero_based;
      if (!number(made.day, 366)) return false;
    }
    return !take('/') || offset(made.time);
  }

  std::string_view text_;
};

}  // namespace

std::int64_t ZoneChange::in(std::int64_t year) const {
  if (kind != Kind::week) {
    bool leap = days_of(year, 3, 1) - days_of(year, 2, 1) == 29;
    auto days = kind == Kind::zero_based ? day : day - 1 + (leap && day >= 60 ? 1 : 0);
    return (days_of(year, 1, 1) + days) * kDay + time;
  }
  auto first = days_of(year, month, 1), next = days_of(year, month + 1, 1);
  auto at = first + ((day - (first + 4) % 7) % 7 + 7) % 7 + std::int64_t{7} * (week - 1);  // 1970-01-01 was a Thursday
  while (at >= next) at -= 7;
  return at * kDay + time;
}

std::int64_t ZoneRule::at(std::int64_t seconds) const {
  if (!changes) return standard;
  auto year = year_of(seconds + standard);
  auto begin = changes->first.in(year)-standard, end = changes->second.in(year)-summer;
  bool is_summer = begin < end ? seconds >= begin && seconds < end : !(seconds >= end && seconds < begin);
  return is_summer ? summer : standard;
}

std::optional<ZoneRule> parse_zone_rule(std::string_view text) {
  return RuleReader(text).read();
}

}  // namespace stapkill
