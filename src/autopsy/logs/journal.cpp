#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <chrono>

#include "autopsy/logs/journalctl.h"
#include "autopsy/logs/open_log.h"
#include "autopsy/logs/read_logs.h"
#include "base/text.h"

namespace stapkill {
namespace {

constexpr std::string_view kFolders[] = {"/var/log/journal", "/run/log/journal"};
constexpr std::size_t kMostFiles = 2000;  // of a captured tree, as arguments of journalctl

bool is_journal(std::string_view name) {
  return name.ends_with(".journal") || name.ends_with(".journal~");
}

/// The files of a captured tree's journal, each as a path of this machine without links: journalctl would follow those
/// out of the tree.
struct JournalFiles {
  std::vector<std::string> paths;
  int error = 0;  ///< EACCES, where a folder is closed

  void add_file(const Scope& scope, const std::string& path) {
    int failed = 0;
    auto file = scope.files.open(path, failed);
    if (failed == EACCES || failed == EPERM) error = failed;
    if (!file || paths.size() >= kMostFiles) return;
    paths.push_back(scope.files.outside(path));
  }

  void add_folder(const Scope& scope, const std::string& folder, bool inner) {
    int failed = 0;
    for (const auto& name : scope.files.list(folder, failed, kMostFiles)) {
      auto path = fmt::format("{}/{}", folder, name);
      if (is_journal(name)) {
        add_file(scope, path);
      } else if (!inner) {
        add_folder(scope, path, true);
      }
    }
    if (failed == EACCES || failed == EPERM) error = failed;
  }
};

JournalFiles files_of(const Scope& scope) {
  JournalFiles files;
  for (auto folder : kFolders) files.add_folder(scope, std::string(folder), false);
  return files;
}

SourceNote note_of(const JournalAnswer& answer) {
  SourceNote note;
  note.source = "journal";
  note.path = "journal";
  note.since = answer.first;
  note.until = answer.last;
  if (answer.late) {
    note.state = SourceNote::State::cut;
    note.detail = phrase("time was up: a part of the entries was not read");
  } else if (!answer.trouble.empty()) {
    // "No journal files were opened due to insufficient permissions." (systemd, src/shared/journal-util.c)
    bool closed = answer.trouble.find("permission") != std::string::npos ||
                  answer.trouble.find("Permission") != std::string::npos;
    note.state = closed ? SourceNote::State::not_permitted : SourceNote::State::broken;
    note.detail = printable(answer.trouble.substr(0, answer.trouble.find('\n')));
  } else {
    note.detail = fmt::format("{} entries", answer.entries);
  }
  return note;
}

/// All that is in scope; where there is no time for it, the first part of it and the latest entries.
JournalAnswer ask_in_time(JournalQuestion question, const TakeEntry& take) {
  constexpr int newest = 20'000;
  question.limit = std::chrono::milliseconds(1500);
  auto answer = ask_journal(question, take);
  if (!answer.late || question.scope->late()) return answer;
  question.limit = std::chrono::milliseconds(1000);
  question.newest = newest;
  auto later = ask_journal(question, [&, last = answer.last](const LogEntry& entry) {
    if (entry.time > last) take(entry);
  });
  answer.last = std::max(answer.last, later.last);
  return answer;
}

SourceNote simple_note(SourceNote::State state, Phrase detail) {
  SourceNote note;
  note.state = state;
  note.source = "journal";
  note.path = std::string(kFolders[0]);
  note.detail = std::move(detail);
  return note;
}

}  // namespace

void read_journal(const Scope& scope, const TakeEntry& take, std::vector<SourceNote>& notes) {
  auto files = files_of(scope);
  if (files.paths.empty()) {
    auto state = files.error ? SourceNote::State::not_permitted : SourceNote::State::absent;
    return notes.push_back(simple_note(state, {}));
  }
  JournalQuestion question;
  question.program = installed_journalctl();
  question.scope = &scope;
  if (question.program.empty())
    return notes.push_back(simple_note(SourceNote::State::broken, phrase("journal files are here, journalctl is not")));
  if (!scope.live()) {
    for (const auto& path : files.paths) question.where.push_back("--file=" + path);
  }
  auto note = note_of(ask_in_time(question, take));
  // journalctl does not fail where it may open some of the files, a user's own.
  if (note.state == SourceNote::State::read && files.error != 0) {
    note.state = SourceNote::State::not_permitted;
    note.detail = "this user may read only a part of it";
  }
  notes.push_back(std::move(note));
}

}  // namespace stapkill
