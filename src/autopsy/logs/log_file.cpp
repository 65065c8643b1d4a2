#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>

#include "autopsy/logs/journal_export.h"
#include "autopsy/logs/journal_json.h"
#include "autopsy/logs/journalctl.h"
#include "autopsy/logs/log_kind.h"
#include "autopsy/logs/log_start.h"
#include "autopsy/logs/open_log.h"
#include "autopsy/logs/read_logs.h"
#include "base/text.h"
#include "sys/unpack.h"

namespace stapkill {
namespace {

constexpr Time kSecond = 1'000'000'000;
constexpr std::size_t kHead = 64 << 10;

void cut(SourceNote& note, Phrase why) {
  note.state = SourceNote::State::cut;
  note.detail = std::move(why);
}

void broken(SourceNote& note, Phrase why) {
  note.state = SourceNote::State::broken;
  note.detail = std::move(why);
}

/// Hands the pieces of a file on, unpacked, until `take` is false or a limit is reached.
void read_pieces(const OpenLog& log, const Scope& scope, SourceNote& note,
                 const std::function<void(std::string_view)>& take) {
  UnpackBudget budget;
  auto one = [&](std::string_view piece) {
    bool spent = piece.size() > budget.bytes;
    if (spent || scope.late()) {
      cut(note, spent ? phrase("only its first 256 MiB were read") : phrase("time was up"));
      return false;
    }
    budget.bytes -= piece.size();
    take(piece);
    return true;
  };
  if (log.packed) {
    if (auto why = unpack_file(log.file.get(), one); !why.empty()) broken(note, why);
    return;
  }
  std::string bytes;
  for (std::uint64_t at = 0; at < log.size; at += bytes.size()) {
    if (!read_piece(log.file.get(), at, kHead, bytes)) return broken(note, phrase("cannot be read"));
    if (bytes.empty() || !one(bytes)) return;
  }
}

/// What journalctl wrote with its fields.
SourceNote read_fields(const OpenLog& log, LogKind kind, const Scope& scope, const TakeEntry& take) {
  SourceNote note{SourceNote::State::read, "journal", log.path};
  auto give = [&](const JournalRecord& record) {
    auto time = give_record(record, log.path, nullptr, take);
    if (note.since == 0) note.since = time;
    note.until = std::max(note.until, time);
  };
  ExportReader exported(give);
  JsonReader json(give);
  read_pieces(log, scope, note,
              [&](std::string_view piece) { kind == LogKind::exported ? exported.take(piece) : json.take(piece); });
  json.end();
  return note;
}

SourceNote read_journal_file(const OpenLog& log, const std::string& path, const Scope& scope, const TakeEntry& take) {
  SourceNote note{SourceNote::State::read, "journal", log.path};
  JournalQuestion question;
  question.program = installed_journalctl();
  question.where = {"--file=" + path};
  question.all = true;
  question.place = log.path;
  question.limit =
      std::min<std::chrono::nanoseconds>(std::chrono::seconds(20), scope.deadline - std::chrono::steady_clock::now());
  if (log.packed || question.program.empty()) {
    broken(note, log.packed ? phrase("a compressed journal: unpack it first")
                            : phrase("a journal needs journalctl, which is not here"));
    return note;
  }
  auto answer = ask_journal(question, take);
  note.since = answer.first;
  note.until = answer.last;
  if (answer.late) cut(note, phrase("time was up"));
  if (!answer.late && !answer.trouble.empty()) broken(note, printable(answer.trouble));
  return note;
}

LogKind kind_of(const OpenLog& log) {
  std::string head;
  if (!log.packed) {
    read_piece(log.file.get(), 0, kHead, head);
    return log_kind(head);
  }
  unpack_file(log.file.get(), [&](std::string_view piece) {
    head += piece.substr(0, kHead - head.size());
    return head.size() < kHead;
  });
  ::lseek(log.file.get(), 0, SEEK_SET);
  return log_kind(head);
}

}  // namespace

void read_log_file(const std::string& path, const Scope& scope, const TakeEntry& take, std::vector<SourceNote>& notes) {
  OpenLog log;
  log.path = path;
  log.file = Fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!log.file) return notes.push_back(note_of_error("log", path, errno));
  struct stat info {};
  if (::fstat(log.file.get(), &info) != 0 || !S_ISREG(info.st_mode))
    return notes.push_back(note_of_error("log", path, EINVAL));
  log.size = static_cast<std::uint64_t>(info.st_size);
  std::string head;
  if (!read_piece(log.file.get(), 0, 8, head)) return notes.push_back(note_of_error("log", path, errno));
  log.packed = is_packed(head);
  // It may be of any time: no line is from after the file, and after now.
  constexpr Time first_sane = Time{946684800}, last_sane = Time{7258118400};
  Time seconds = info.st_mtim.tv_sec;
  bool sane = seconds >= first_sane && seconds <= last_sane;
  log.newest = sane && scope.now > 0 ? std::min(seconds * kSecond, scope.now) : sane ? seconds * kSecond : scope.now;
  log.until = std::numeric_limits<Time>::max() / 2;
  auto kind = kind_of(log);
  if (kind == LogKind::journal) return notes.push_back(read_journal_file(log, path, scope, take));
  if (kind == LogKind::exported || kind == LogKind::json) return notes.push_back(read_fields(log, kind, scope, take));
  TimeZone zone(scope.zone);
  LineClock clock(zone, log.newest, {});  // another machine's boots tell nothing here
  UnpackBudget budget;
  notes.push_back(log.packed ? read_packed_log(log, scope, clock, budget, take)
                             : read_plain_log(log, scope, clock, take));
}

}  // namespace stapkill
