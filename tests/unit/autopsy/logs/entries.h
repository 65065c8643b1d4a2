#pragma once

#include <fcntl.h>
#include <sys/stat.h>

#include <string>
#include <vector>

#include "autopsy/logs/read_logs.h"
#include "base/when.h"
#include "temporary.h"

/// An entry, kept.
struct KeptEntry {
  stapkill::Time time = 0, doubt = 0;
  std::optional<stapkill::Time> since_boot;
  std::string program, message, source, place, unit;
  int pid = 0;
};

/// Keeps what it is given.
struct Entries {
  std::vector<KeptEntry> all;
  std::vector<stapkill::SourceNote> notes;
  stapkill::TakeEntry take = [this](const stapkill::LogEntry& entry) {
    all.push_back({entry.time, entry.doubt, entry.since_boot, std::string(entry.program), std::string(entry.message),
                   std::string(entry.source), std::string(entry.place), std::string(entry.value("_SYSTEMD_UNIT")),
                   entry.pid});
  };

  std::vector<std::string> messages() const {
    std::vector<std::string> texts;
    for (const auto& entry : all) texts.push_back(entry.message);
    return texts;
  }
};

/// A moment by RFC 3339.
inline stapkill::Time at(const char* text) {
  return stapkill::parse_when(text, 0).value();
}

/// Sets a file's mtime.
inline void set_mtime(const std::filesystem::path& path, stapkill::Time time) {
  timespec times[2] = {{}, {}};
  times[0].tv_sec = times[1].tv_sec = time / 1'000'000'000;
  REQUIRE(::utimensat(AT_FDCWD, path.c_str(), times, 0) == 0);
}

/// Reads a captured tree's text logs.
inline Entries read_tree(const Temporary& tree, const char* since, const char* until, const char* zone = "UTC0") {
  stapkill::Scope scope{stapkill::HostFiles(tree.path().string())};
  scope.since = at(since);
  scope.until = at(until);
  scope.now = at("2026-12-01T00:00:00Z");
  scope.zone = zone;
  Entries entries;
  stapkill::read_text_logs(scope, entries.take, entries.notes);
  return entries;
}

/// Reads one file.
inline Entries read_one(const std::filesystem::path& path) {
  stapkill::Scope scope{stapkill::HostFiles("")};
  scope.now = at("2026-12-01T00:00:00Z");
  scope.zone = "UTC0";
  Entries entries;
  stapkill::read_log_file(path.string(), scope, entries.take, entries.notes);
  return entries;
}
