#include "autopsy/logs/open_log.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "autopsy/logs/line_splitter.h"
#include "autopsy/logs/log_start.h"
#include "sys/unpack.h"

namespace stapkill {
namespace {

constexpr Time kSecond = 1'000'000'000;
constexpr Time kDisorder = 7200 * kSecond;  // lines that much later end a log that is in order
constexpr std::size_t kPiece = 256 << 10;
constexpr std::uint64_t kLargestPart = std::uint64_t{256} << 20;

std::string source_of(const std::string& path) {
  auto name = path.substr(path.rfind('/') + 1);
  return name.starts_with("kern") || name.starts_with("dmesg") ? "kernel-log" : "log";
}

void cut(SourceNote& note, Phrase why) {
  note.state = SourceNote::State::cut;
  note.detail = std::move(why);
}

TextLog::Options options_of(const OpenLog& log) {
  return {log.path, program_of_log(log.path), log.since, log.until};
}

bool past(const TextLog& text, const OpenLog& log) {
  return text.now() > log.until && text.now() - log.until > kDisorder;
}

void set_covered(const TextLog& text, SourceNote& note) {
  note.since = text.first();
  note.until = text.last();
}

/// Where to begin, and from when that is in a log of several years.
LogStart start_of(const OpenLog& log, LineClock& clock) {
  if (log.size <= kSmallLog) {
    if (auto first = first_time_over_years(log.file.get(), log.size, clock)) {
      clock.follow_years(first);
      return {};
    }
  }
  if (log.since <= 0) return {};
  constexpr Time margin = 600 * kSecond;
  return find_log_start(log.file.get(), log.size, std::max(log.since, margin) - margin, clock);
}

}  // namespace

SourceNote note_of_error(std::string source, std::string path, int error) {
  SourceNote note;
  note.source = std::move(source);
  note.path = std::move(path);
  note.state = error == ENOENT                     ? SourceNote::State::absent
               : error == EACCES || error == EPERM ? SourceNote::State::not_permitted
                                                   : SourceNote::State::broken;
  if (note.state == SourceNote::State::broken) note.detail = std::strerror(error);
  return note;
}

SourceNote read_plain_log(const OpenLog& log, const Scope& scope, LineClock& clock, const TakeEntry& take) {
  SourceNote note;
  note.source = source_of(log.path);
  note.path = log.path;
  auto start = start_of(log, clock);
  if (!start.ordered && start.offset > 0) cut(note, phrase("its times do not ascend: only its end was read"));
  if (log.size - start.offset > kLargestPart) {
    start.offset = log.size - kLargestPart;
    cut(note, phrase("only its last 256 MiB were read"));
  }
  TextLog text(options_of(log), clock, take);
  bool skip = start.offset > 0 && note.state == SourceNote::State::cut;  // in the middle of a line
  LineSplitter lines(
      [&](std::string_view line, LinePlace place) {
        if (!std::exchange(skip, false)) text.line(line, place);
      },
      start.offset, start.offset == 0);
  std::string bytes;
  for (auto at = start.offset; at < log.size; at += bytes.size()) {
    if (scope.late()) {
      cut(note, phrase("time was up"));
      break;
    }
    if (!read_piece(log.file.get(), at, std::min<std::uint64_t>(kPiece, log.size - at), bytes)) {
      auto broken = note_of_error(note.source, note.path, errno);
      set_covered(text, broken);
      return broken;
    }
    if (bytes.empty()) break;
    lines.take(bytes);
    if (start.ordered && past(text, log)) break;
  }
  lines.end();
  set_covered(text, note);
  return note;
}

SourceNote read_packed_log(const OpenLog& log, const Scope& scope, LineClock& clock, UnpackBudget& budget,
                           const TakeEntry& take) {
  SourceNote note;
  note.source = source_of(log.path);
  note.path = log.path;
  TextLog text(options_of(log), clock, take);
  LineSplitter lines([&](std::string_view line, LinePlace place) { text.line(line, place); });
  auto began = std::chrono::steady_clock::now();
  auto why = unpack_file(log.file.get(), [&](std::string_view piece) {
    bool spent = piece.size() > budget.bytes || std::chrono::steady_clock::now() - began > budget.time;
    if (spent || scope.late()) {
      cut(note, spent ? phrase("compressed logs are read for 2 s and 256 MiB in all") : phrase("time was up"));
      return false;
    }
    budget.bytes -= piece.size();
    lines.take(piece);
    return !past(text, log);
  });
  budget.time -= std::chrono::steady_clock::now() - began;
  lines.end();
  if (!why.empty()) {
    note.state = SourceNote::State::broken;
    note.detail = why;
  } else if (note.detail.empty()) {
    note.detail = phrase("compressed");
  }
  set_covered(text, note);
  return note;
}

}  // namespace stapkill
