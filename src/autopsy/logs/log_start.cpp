#include "autopsy/logs/log_start.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>

#include "autopsy/logs/line_splitter.h"
#include "autopsy/logs/log_line.h"

namespace stapkill {
namespace {

constexpr Time kSecond = 1'000'000'000;
constexpr Time kDay = Time{86400} * kSecond;
constexpr Time kDisorder = 7200 * kSecond;  // summer time's end, lines of several writers
constexpr std::uint64_t kPiece = 64 << 10, kNear = 256 << 10, kLongestSearch = 4 << 20;

struct Found {
  std::uint64_t offset = 0;
  Stamp stamp;
};

bool dated(const Stamp& stamp) {
  return stamp.kind != Stamp::Kind::none && stamp.kind != Stamp::Kind::boot;
}

/// The first line with a date that begins in [from, to).
std::optional<Found> dated_line(int fd, std::uint64_t from, std::uint64_t to) {
  std::optional<Found> found;
  std::string bytes, storage;
  // The line that `from` is in may have begun before it.
  bool skip = from > 0;
  auto begin = skip ? from - 1 : 0;
  LineSplitter lines(
      [&](std::string_view text, LinePlace place) {
        if (std::exchange(skip, false) || found || place.offset >= to) return;
        auto line = split_log_line(without_decoration(text, storage));
        if (dated(line.stamp)) found = Found{place.offset, line.stamp};
      },
      begin, false);
  for (auto at = begin; !found && at < to && at - begin < kLongestSearch; at += bytes.size()) {
    if (!read_piece(fd, at, kPiece, bytes) || bytes.empty()) break;
    lines.take(bytes);
  }
  if (!found) lines.end();
  return found;
}

/// Whether times ascend, by a few lines between the beginning and the last one.
bool ascends(int fd, std::uint64_t size, Time last, const LineClock& clock) {
  constexpr std::uint64_t probes = 8;
  auto next = last;
  for (auto probe = probes; probe-- > 0;) {
    auto found = dated_line(fd, size / probes * probe, size);
    if (!found) continue;
    auto time = clock.time_before(found->stamp, next);
    if (time > next + kDisorder) return false;
    next = time;
  }
  return true;
}

/// The search: lines before `low` are too early, those from `high` on are wanted.
struct Search {
  int fd;
  Time since;
  const LineClock& clock;
  std::uint64_t low = 0, high = 0;
  Time high_time = 0;
  bool ordered = true;

  /// Looks at the lines from `at` on: whether they are too early, and moves that end.
  bool early(std::uint64_t at) {
    auto found = dated_line(fd, at, high);
    if (!found) {
      high = at;  // nothing there: what is wanted may begin before
      return false;
    }
    auto time = clock.time_before(found->stamp, high_time);
    ordered = ordered && time <= high_time + kDisorder;
    if (time < since) {
      low = found->offset;
      return true;
    }
    high = at;
    high_time = time;
    return false;
  }
};

Time place_in_leap_year(const Stamp& stamp) {
  auto midnight = day_time(2000, stamp.month, stamp.day);
  return midnight.value_or(0) - *day_time(2000, 1, 1) + stamp.of_day;
}

/// How many times a log without years passes New Year.
struct YearCount {
  std::optional<Stamp> first, last;
  Time before = 0;  ///< the line before the last step back, where that went to 1 January
  int years = 0;

  void take(const Stamp& stamp) {
    if (stamp.kind != Stamp::Kind::yearless) return;
    if (!first) first = stamp;
    auto now = place_in_leap_year(stamp);
    auto then = last ? place_in_leap_year(*last) : now;
    if (now < then - 60 * kDay) {
      ++years;
      before = now < 2 * kDay ? then : 0;
    } else if (now > then + 60 * kDay && years > 0 && before != 0 && now >= before - 60 * kDay) {
      --years;  // a clock that was at 1 January until it was set
      before = 0;
    }
    last = stamp;
  }
};

}  // namespace

bool read_piece(int fd, std::uint64_t offset, std::size_t most, std::string& bytes) {
  bytes.resize(most);
  ssize_t got = -1;
  do {
    got = ::pread(fd, bytes.data(), most, static_cast<off_t>(offset));
  } while (got < 0 && errno == EINTR);
  bytes.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
  return got >= 0;
}

LogStart find_log_start(int fd, std::uint64_t size, Time since, const LineClock& clock) {
  auto before_end = [&](std::uint64_t bytes) { return size > bytes ? size - bytes : 0; };
  std::optional<Found> last;
  for (auto bytes = kPiece; !last && bytes <= kLongestSearch; bytes *= 4)
    last = dated_line(fd, before_end(bytes), size);
  if (!last) return {before_end(kSmallLog), false};
  Search search{fd, since, clock, 0, last->offset, clock.last_time(last->stamp)};
  search.ordered = ascends(fd, last->offset, search.high_time, clock);
  if (search.ordered && search.high_time < since) return {last->offset};
  for (auto step = 2 * kPiece; search.ordered && search.low == 0 && step < size; step *= 2) search.early(size - step);
  while (search.ordered && search.high > search.low + kNear) search.early(search.low + (search.high - search.low) / 2);
  if (search.ordered) return {search.low};
  return {before_end(kUnorderedTail), false};
}

Time first_time_over_years(int fd, std::uint64_t size, const LineClock& clock) {
  auto first = dated_line(fd, 0, size);
  if (!first || first->stamp.kind != Stamp::Kind::yearless) return 0;
  YearCount count;
  std::string bytes, storage;
  LineSplitter lines(
      [&](std::string_view text, LinePlace) { count.take(split_log_line(without_decoration(text, storage)).stamp); });
  for (std::uint64_t at = 0; at < size && read_piece(fd, at, 4 * kPiece, bytes) && !bytes.empty(); at += bytes.size())
    lines.take(bytes);
  lines.end();
  if (!count.last) return 0;
  bool within_a_year =
      count.years == 0 || (count.years == 1 && place_in_leap_year(*count.last) < place_in_leap_year(*count.first));
  if (within_a_year) return 0;
  int last_year = clock.year_at(*count.last, clock.last_time(*count.last));
  return clock.time_in(*count.first, last_year - count.years);
}

}  // namespace stapkill
