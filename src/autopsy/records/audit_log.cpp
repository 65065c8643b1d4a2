#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <string>

#include "autopsy/number_text.h"
#include "autopsy/records/audit_file.h"
#include "autopsy/records/audit_lines.h"
#include "autopsy/records/read_records.h"

namespace stapkill {
namespace {

constexpr std::string_view kSource = "audit";
constexpr std::uint64_t kMostBytes = 64u << 20;  ///< of each file
constexpr std::size_t kMostFiles = 200;

/// auditd.conf(5) log_file; LAUREL's configuration, directory and auditlog.file.
struct Log {
  std::string_view directory, name;
};
constexpr Log kLogs[] = {{"/var/log/audit", "audit.log"}, {"/var/log/laurel", "audit.log"}};

using State = SourceNote::State;

SourceNote note_of(State state, std::string path, Phrase detail = {}) {
  SourceNote note;
  note.state = state;
  note.source = kSource;
  note.path = std::move(path);
  note.detail = std::move(detail);
  return note;
}

SourceNote refusal(int error, std::string path) {
  if (error == EACCES || error == EPERM) return note_of(State::not_permitted, std::move(path));
  if (error == ENOENT || error == ENOTDIR) return note_of(State::absent, std::move(path));
  return note_of(State::broken, std::move(path), phrase("it cannot be read (error {})", error));
}

/// "audit.log" and "audit.log.1" …, the newest first; others are counted.
std::vector<std::string> names_of(const std::vector<std::string>& all, std::string_view name, std::size_t& packed) {
  std::vector<std::pair<int, std::string>> numbered;
  for (const auto& each : all) {
    if (!each.starts_with(name)) continue;
    auto rest = std::string_view(each).substr(name.size());
    auto number = rest.empty()            ? std::optional(0)
                  : rest.starts_with('.') ? whole_number<int>(rest.substr(1))
                                          : std::nullopt;
    if (number && *number >= 0) {
      numbered.emplace_back(*number, each);
    } else {
      ++packed;
    }
  }
  std::sort(numbered.begin(), numbered.end());
  std::vector<std::string> names;
  names.reserve(numbered.size());
  for (auto& [number, each] : numbered) names.push_back(std::move(each));
  if (names.size() > kMostFiles) names.resize(kMostFiles);
  return names;
}

SourceNote note_of(const AuditPart& part, std::string path, const Scope& scope) {
  if (part.error) return refusal(part.error, std::move(path));
  bool cut = part.older_left_out || part.late;
  auto note = note_of(cut ? State::cut : State::read, std::move(path));
  if (part.older_left_out) note.detail = phrase("only its newest records were read");
  if (part.late) note.detail = phrase("the time to read it was over");
  if (!part.last || part.last < scope.since || part.first > scope.until) return note;
  note.since = std::max(part.first, scope.since);
  note.until = std::min(part.last, scope.until);
  return note;
}

/// False once a file begins before the scope: older ones hold nothing of it.
bool read_one(const Scope& scope, const std::string& path, Reading& reading) {
  int error = 0;
  auto file = scope.files.open(path, error);
  if (!file) {
    reading.notes.push_back(refusal(error, path));
    return true;
  }
  auto first = first_record_of(file.get());
  reading.notes.push_back(note_of(read_audit_file(file.get(), scope, kMostBytes, reading.findings), path, scope));
  return !first || *first >= scope.since;
}

/// Whether there is such a log, read or not.
bool read_log(const Scope& scope, const Log& log, Reading& reading) {
  int error = 0;
  auto directory = std::string(log.directory);
  auto all = scope.files.list(directory, error);
  if (error == ENOENT || error == ENOTDIR) return false;
  if (error) {
    reading.notes.push_back(refusal(error, directory));
    return true;
  }
  std::size_t packed = 0;
  auto names = names_of(all, log.name, packed);
  for (const auto& name : names) {
    auto path = fmt::format("{}/{}", directory, name);
    bool full = reading.findings.size() > kMostAuditFindings;
    if (full || scope.late()) {
      auto detail = full ? phrase("newer files have too many records") : phrase("the time to read it was over");
      reading.notes.push_back(note_of(State::cut, path, detail));
      break;
    }
    if (!read_one(scope, path, reading)) break;
  }
  if (packed) {
    auto detail = packed == 1 ? phrase("{} file with other names not read", packed)
                              : phrase("{} files with other names not read", packed);
    reading.notes.push_back(note_of(State::cut, directory, detail));
  }
  return !names.empty() || packed;
}

/// A line of auditd's log, of the kernel's, or of LAUREL's.
bool is_record(std::string_view line) {
  if (line.starts_with("{\"ID\":\"")) return first_audit_stamp(line).has_value();
  return line.starts_with("type=") || line.starts_with("node=") ? audit_record(line).has_value() : false;
}

}  // namespace

Reading read_audit(const Scope& scope) {
  Reading reading;
  bool any = false;
  for (const auto& log : kLogs) any = read_log(scope, log, reading) || any;
  if (!any) reading.notes.push_back(note_of(State::absent, std::string(kLogs[0].directory)));
  return reading;
}

Reading read_audit_text(std::string_view bytes, const std::string& name) {
  Reading reading;
  AuditLines lines;
  bool cut = false;
  while (!bytes.empty()) {
    auto line = bytes.substr(0, bytes.find('\n'));
    lines.take(line, reading.findings);
    cut = keep_newest(reading.findings) || cut;
    bytes.remove_prefix(std::min(line.size() + 1, bytes.size()));
  }
  lines.finish(reading.findings);
  auto note =
      lines.last() ? note_of(State::read, name) : note_of(State::broken, name, phrase("it has no audit record"));
  if (cut) note = note_of(State::cut, name, phrase("only its newest records were read"));
  note.since = lines.first();
  note.until = lines.last();
  reading.notes.push_back(std::move(note));
  return reading;
}

bool looks_like_audit(std::string_view head) {
  // ausearch puts "----" and "time->…" before each event.
  for (int left = 16; left > 0 && !head.empty(); --left) {
    auto line = head.substr(0, head.find('\n'));
    if (is_record(line)) return true;
    if (!line.empty() && line != "----" && !line.starts_with("time->")) return false;
    head.remove_prefix(std::min(line.size() + 1, head.size()));
  }
  return false;
}

}  // namespace stapkill
