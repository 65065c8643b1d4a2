#include "autopsy/zone.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <optional>
#include <vector>

#include "autopsy/zone_rule.h"
#include "sys/fd.h"

namespace stapkill {
namespace {

constexpr std::int64_t kDay = 86400;
constexpr Time kSecond = 1'000'000'000;
constexpr std::int64_t kFarthest = 9'000'000'000;  // seconds that a Time can hold
constexpr std::size_t kMostBytes = 256 << 10;

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
  std::optional<ZoneRule> after;  // of the last change

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
    offsets.after = parse_zone_rule(footer.substr(0, footer.find('\n')));
  }
  return offsets;
}

/// Of a regular file: another kind can block.
std::string bytes_of(const std::string& path) {
  Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat info {};
  std::string bytes;
  if (!file || ::fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode)) return bytes;
  bytes.resize(std::min(static_cast<std::size_t>(info.st_size), kMostBytes));
  auto got = ::pread(file.get(), bytes.data(), bytes.size(), 0);
  bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return bytes;
}

std::optional<TimeZone::Offsets> offsets_of(std::string name) {
  if (name.starts_with(':')) name.erase(0, 1);
  bool up = name.find("..") != std::string::npos;
  if (auto found =
          up ? std::nullopt : read_file(bytes_of(name.starts_with('/') ? name : "/usr/share/zoneinfo/" + name)))
    return found;
  auto rule = parse_zone_rule(name);
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
  if (name.empty()) {
    ::tzset();
    return;
  }
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
  bool unclear = early != late && is_early == is_late;  // a local time that came twice, or never
  auto offset = is_late ? late : early;                 // neither: the hour that is left out
  return {std::clamp(naive - offset, -kFarthest, kFarthest) * kSecond, unclear ? std::abs(early - late) * kSecond : 0};
}

TimeZone::Zoned TimeZone::time_of(Time local) const {
  CivilTime civil;
  constexpr Time day = kDay * kSecond;
  auto days = local / day - (local % day < 0 ? 1 : 0);
  civil.day += static_cast<int>(days);
  civil.second = static_cast<int>((local - days * day) / kSecond);
  auto found = time_of(civil);
  found.time += (local - days * day) % kSecond;
  return found;
}

}  // namespace stapkill
