#include "autopsy/zone.h"

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <optional>
#include <vector>

namespace stapkill {
namespace {

constexpr std::int64_t kDay = 86400;
constexpr Time kSecond = 1'000'000'000;
constexpr std::size_t kMostBytes = 256 << 10;

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

/// A day of a year and a time of it, at which clocks are set (POSIX, "Other Environment Variables", TZ).
struct Change {
  enum class Kind { week, julian, zero_based } kind = Kind::week;
  int month = 1, week = 1, day = 0;
  std::int64_t time = 7200;  // seconds of local time

  std::int64_t in(std::int64_t year) const {
    if (kind != Kind::week) {
      bool leap = days_of(year, 3, 1) - days_of(year, 2, 1) == 29;
      auto days = kind == Kind::zero_based ? day : day - 1 + (leap && day >= 60 ? 1 : 0);
      return (days_of(year, 1, 1) + days) * kDay + time;
    }
    auto first = days_of(year, month, 1), next = days_of(year, month + 1, 1);
    auto at = first + ((day - (first + 4) % 7) % 7 + 7) % 7 + 7 * (week - 1);  // 1970-01-01 was a Thursday
    while (at >= next) at -= 7;
    return at * kDay + time;
  }
};

/// "CET-1CEST,M3.5.0,M10.5.0/3"
struct Rule {
  std::int64_t standard = 0, summer = 0;  // seconds east of UTC
  std::optional<std::pair<Change, Change>> changes;

  std::int64_t at(std::int64_t seconds) const {
    if (!changes) return standard;
    auto year = year_of(seconds + standard);
    auto begin = changes->first.in(year)-standard, end = changes->second.in(year)-summer;
    bool is_summer = begin < end ? seconds >= begin && seconds < end : !(seconds >= end && seconds < begin);
    return is_summer ? summer : standard;
  }
};

/// Reads a rule from left to right.
class RuleReader {
 public:
  explicit RuleReader(std::string_view text) : text_(text) {}

  std::optional<Rule> read() {
    Rule rule;
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
    std::pair<Change, Change> changes;
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
    seconds = sign * (hours * 3600 + minutes * 60 + rest);
    return true;
  }

  bool change(Change& made) {
    if (!take(',')) return false;
    if (take('M')) {
      if (!number(made.month, 12) || !take('.') || !number(made.week, 5) || !take('.') || !number(made.day, 6))
        return false;
      if (made.month < 1 || made.week < 1) return false;
    } else {
      made.kind = take('J') ? Change::Kind::julian : Change::Kind::zero_based;
      if (!number(made.day, 366)) return false;
    }
    return !take('/') || offset(made.time);
  }

  std::string_view text_;
};

/// A file in the form of RFC 8536, read from left to right.
class FileReader {
 public:
  explicit FileReader(std::string_view bytes) : bytes_(bytes) {}

  std::uint64_t number(std::size_t size) {
    std::uint64_t value = 0;
    for (char byte : take(size)) value = value << 8 | static_cast<unsigned char>(byte);
    return value;
  }

  std::string_view take(std::size_t size) {
    ok_ &= size <= bytes_.size();
    auto part = bytes_.substr(0, size);
    bytes_.remove_prefix(part.size());
    return part;
  }

  std::string_view rest() const { return bytes_; }
  bool ok() const { return ok_; }

 private:
  std::string_view bytes_;
  bool ok_ = true;
};

}  // namespace

struct TimeZone::Offsets {
  struct Change {
    std::int64_t since, offset;
  };
  std::vector<Change> changes;  // ascending
  std::int64_t before = 0;
  std::optional<Rule> after;  // of the last change

  std::int64_t at(std::int64_t seconds) const {
    if (after && (changes.empty() || seconds >= changes.back().since)) return after->at(seconds);
    auto next = std::upper_bound(changes.begin(), changes.end(), seconds,
                                 [](std::int64_t time, const Change& change) { return time < change.since; });
    return next == changes.begin() ? before : std::prev(next)->offset;
  }
};

namespace {

struct Counts {
  std::uint64_t times = 0, types = 0, names = 0, leaps = 0, standards = 0, universals = 0;
  std::size_t size(std::size_t time) const {
    return static_cast<std::size_t>(times * (time + 1) + types * 6 + names + leaps * (time + 4) + standards +
                                    universals);
  }
};

bool read_header(FileReader& file, char& version, Counts& counts) {
  if (file.take(4) != "TZif") return false;
  version = static_cast<char>(file.number(1));
  file.take(15);
  for (auto* count :
       {&counts.universals, &counts.standards, &counts.leaps, &counts.times, &counts.types, &counts.names})
    *count = file.number(4);
  return file.ok() && counts.times < 10'000 && counts.types < 257 && counts.names < 10'000 && counts.leaps < 10'000 &&
         counts.standards < 257 && counts.universals < 257;
}

std::optional<TimeZone::Offsets> read_file(std::string_view bytes) {
  FileReader file(bytes);
  char version = 0;
  Counts counts;
  if (!read_header(file, version, counts)) return std::nullopt;
  std::size_t width = 4;
  if (version >= '2') {
    file.take(counts.size(4));
    width = 8;
    if (!read_header(file, version, counts)) return std::nullopt;
  }
  FileReader block(file.take(counts.size(width)));
  TimeZone::Offsets offsets;
  for (std::uint64_t i = 0; i < counts.times; ++i) {
    auto time = block.number(width);
    auto since = width == 8 ? static_cast<std::int64_t>(time) : static_cast<std::int32_t>(time);
    if (!offsets.changes.empty() && since < offsets.changes.back().since) return std::nullopt;
    offsets.changes.push_back({since, 0});
  }
  auto types = block.take(static_cast<std::size_t>(counts.times));
  std::vector<std::int64_t> known;
  for (std::uint64_t i = 0; i < counts.types; ++i) {
    known.push_back(static_cast<std::int32_t>(block.number(4)));
    block.take(2);
  }
  if (!file.ok() || !block.ok() || known.empty()) return std::nullopt;
  for (std::size_t i = 0; i < types.size(); ++i) {
    auto type = static_cast<unsigned char>(types[i]);
    if (type >= known.size()) return std::nullopt;
    offsets.changes[i].offset = known[type];
  }
  offsets.before = known[0];
  auto footer = file.rest();
  if (width == 8 && footer.starts_with('\n')) {
    footer.remove_prefix(1);
    offsets.after = RuleReader(footer.substr(0, footer.find('\n'))).read();
  }
  return offsets;
}

std::string bytes_of(const std::string& path) {
  std::string bytes(kMostBytes, '\0');
  std::ifstream file(path, std::ios::binary);
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
  return bytes;
}

std::optional<TimeZone::Offsets> offsets_of(std::string name) {
  if (name.starts_with(':')) name.erase(0, 1);
  bool up = name.find("..") != std::string::npos;
  if (auto found =
          up ? std::nullopt : read_file(bytes_of(name.starts_with('/') ? name : "/usr/share/zoneinfo/" + name)))
    return found;
  auto rule = RuleReader(name).read();
  if (!rule) return std::nullopt;
  TimeZone::Offsets offsets;
  offsets.after = rule;
  return offsets;
}

std::int64_t own_offset(std::int64_t seconds) {
  std::time_t time = seconds;
  std::tm parts{};
  ::localtime_r(&time, &parts);
  return parts.tm_gmtoff;
}

}  // namespace

TimeZone::TimeZone(const std::string& name) {
  if (name.empty()) return;
  auto found = offsets_of(name);
  known_ = found.has_value();
  offsets_ = std::make_shared<Offsets>(found ? std::move(*found) : Offsets{});
}

TimeZone::Zoned TimeZone::time_of(const CivilTime& local) const {
  std::tm parts{};
  parts.tm_year = local.year - 1900;
  parts.tm_mon = local.month - 1;
  parts.tm_mday = local.day;
  parts.tm_hour = local.hour;
  parts.tm_min = local.minute;
  parts.tm_sec = local.second;
  auto naive = static_cast<std::int64_t>(::timegm(&parts));
  auto offset_at = [&](std::int64_t seconds) { return offsets_ ? offsets_->at(seconds) : own_offset(seconds); };
  auto early = offset_at(naive - kDay), late = offset_at(naive + kDay);
  bool is_early = offset_at(naive - early) == early, is_late = offset_at(naive - late) == late;
  bool twice = early != late && is_early && is_late;
  auto offset = is_late ? late : early;  // neither: the hour that is left out
  return {(naive - offset) * kSecond, twice ? std::abs(early - late) * kSecond : 0};
}

}  // namespace stapkill
