#pragma once

// What the tests of JSON share: records of which everything is known, and a record's line as a reader sees it.
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "catch.h"
#include "report/json.h"

namespace json_lines {

using namespace stapkill;
using nlohmann::json;

constexpr Time kTime = 1795202550'123456789;
constexpr auto kTimeText = "2026-11-20T19:22:30.123456789Z";

/// The one line of a record, as a reader sees it: exactly one newline, at its end.
inline json line_of(const Record& record) {
  std::string out;
  ProcessJson processes;
  append_json(out, record, processes);
  REQUIRE(out.size() > 1);
  REQUIRE(out.find('\n') == out.size() - 1);
  return json::parse(out);
}

inline std::set<std::string> names_of(const json& object) {
  std::set<std::string> names;
  for (const auto& [name, value] : object.items()) names.insert(name);
  return names;
}

/// Has every name; may have more (stapkill-stream(5): a reader ignores what it does not know).
inline void check_has(const json& object, const std::set<std::string>& names) {
  for (const auto& name : names) {
    INFO(name << " in " << object.dump());
    CHECK(object.contains(name));
  }
}

inline const std::set<std::string> kProcessNames = {"pid", "tid",  "comm",  "exe",    "argv",      "cwd",
                                                    "uid", "user", "start", "cgroup", "container", "unit"};

inline std::shared_ptr<Process> make_process(int pid, std::string comm) {
  auto process = std::make_shared<Process>();
  process->pid = pid;
  process->start = 250;
  process->started = 1002'500'000'000;
  process->uid = 0;
  process->user = "root";
  process->comm = std::move(comm);
  process->exe = "/usr/bin/" + process->comm;
  process->cwd = "/srv";
  process->cgroup = "/system.slice/app.service";
  process->argv = std::vector<std::string>{process->comm, "60"};
  process->argv_bytes = 9;
  return process;
}

inline SignalRecord make_signal() {
  SignalRecord record;
  record.time = kTime;
  record.seq = 7;
  record.number = 9;
  record.by = By::process;
  record.sender = make_process(200, "kill");
  record.target = make_process(100, "sleep");
  record.sender_tid = 201;
  record.target_tid = 100;
  record.syscall = Syscall{"kill", 0};
  record.ancestry = std::make_shared<std::vector<ProcessPtr>>(
      std::vector<ProcessPtr>{make_process(150, "bash"), make_process(1, "init")});
  return record;
}

}  // namespace json_lines
