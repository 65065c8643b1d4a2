#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "autopsy/log_entry.h"

namespace stapkill {

using Fields = std::map<std::string, std::string, std::less<>>;

/// An entry that keeps its own texts. Without fields: a line of a text log.
struct TestEntry {
  std::string program, message;
  int pid = 0;
  Fields fields = {};
  bool journal = false;
};

inline TestEntry line(std::string program, int pid, std::string message) {
  return {std::move(program), std::move(message), pid, {}, false};
}

inline TestEntry journal(std::string program, int pid, std::string message, Fields fields) {
  return {std::move(program), std::move(message), pid, std::move(fields), true};
}

/// The fields that the journal adds to what pid 1 writes, and some more.
inline Fields of_init(Fields more = {}) {
  more.insert({{"_PID", "1"}, {"_UID", "0"}, {"_TRANSPORT", "journal"}, {"_COMM", "systemd"}});
  return more;
}

constexpr Time kEntryTime = 1'700'000'000'000'000'000;

inline bool give(MessageReader& reader, const TestEntry& test, std::vector<Finding>& findings) {
  LogEntry entry;
  entry.time = kEntryTime;
  entry.program = test.program;
  entry.pid = test.pid;
  entry.message = test.message;
  entry.source = test.journal ? "journal" : "log";
  entry.place = "here";
  if (test.journal) {
    entry.field = [&](std::string_view name) {
      auto at = test.fields.find(name);
      return at == test.fields.end() ? std::string_view() : std::string_view(at->second);
    };
  }
  return reader.take(entry, findings);
}

inline std::vector<Finding> read_all(std::unique_ptr<MessageReader> reader, const std::vector<TestEntry>& entries) {
  std::vector<Finding> findings;
  for (const auto& entry : entries) give(*reader, entry, findings);
  reader->finish(findings);
  return findings;
}

}  // namespace stapkill
