#pragma once

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "check.h"
#include "model/kernel_event.h"
#include "report/json.h"
#include "verdict/lineage.h"
#include "verdict/verdict.h"

/// What must be true of the records, for any events of a backend.
namespace stapkill {

/// Checks that the line is valid for a reader of the stream: one line, valid JSON, about these processes.
inline nlohmann::json check_line(const Record& record) {
  std::string out;
  ProcessJson processes;
  append_json(out, record, processes);
  FUZZ_CHECK(!out.empty() && out.find('\n') == out.size() - 1);
  auto line = nlohmann::json::parse(out, nullptr, false);
  FUZZ_CHECK(line.is_object());
  return line;
}

/// Linux uses no other pids (PID_MAX_LIMIT); the process table does not support others.
inline bool possible(int pid) {
  return pid >= 0 && pid <= 4194304;
}

/// The fields about processes and threads of any event.
struct EventFields {
  std::vector<int> ids;
  std::vector<std::string_view> comms;
  std::optional<std::string_view> argv;

  explicit EventFields(const KernelEvent& event) {
    std::visit([this](const auto& kind) { add(kind); }, event.what);
  }

 private:
  void add(const kernel::Task& task) {
    ids.insert(ids.end(), {task.pid, task.tid});
    comms.push_back(task.comm);
  }
  void add(const kernel::Hello& /*hello*/) {}
  void add(const kernel::Image& image) {
    add(image.task);
    ids.push_back(image.parent);
    argv = image.argv;
  }
  void add(const kernel::Fork& fork) {
    add(fork.task);
    add(fork.child);
    ids.push_back(fork.parent);
  }
  void add(const kernel::Rename& rename) { add(rename.task); }
  void add(const kernel::Move& move) { add(move.task); }
  void add(const kernel::Around& around) {
    FUZZ_CHECK(around.seen);
    ids.push_back(around.seen->target_tid);
  }
  void add(const kernel::Code& /*code*/) {}
  void add(const kernel::Memory& /*memory*/) {}
  void add(const kernel::Stack& stack) {
    FUZZ_CHECK(stack.top);
    ids.insert(ids.end(), {stack.top->pid, stack.top->tid});
  }
  void add(const kernel::Signal& signal) {
    add(signal.task);
    add(signal.target);
  }
  void add(const kernel::Return& returned) { ids.insert(ids.end(), {returned.pid, returned.tid}); }
  void add(const kernel::Exit& exit) {
    add(exit.task);
    ids.push_back(exit.own_pid);
  }
  void add(const kernel::OomVictim& victim) { ids.push_back(victim.tid); }
  void add(const kernel::SysRq& sysrq) { add(sysrq.task); }
  void add(const kernel::Connect& connect) {
    add(connect.task);
    ids.push_back(connect.listener.pid);
  }
  void add(const kernel::Goodbye& /*goodbye*/) {}
};

inline std::shared_ptr<const Circumstances> last_seen;

inline void check_signal(const kernel::Signal& event, Time time, Lineage& lineage) {
  SignalRecord record;
  record.time = time;
  record.number = event.number;
  record.code = event.code;
  record.result = static_cast<SignalResult>(std::clamp(event.result, 0, 4));
  record.by = event.own_context ? By::process : By::kernel;
  record.sender = lineage.find(event.task);
  record.target = lineage.find(event.target);
  record.sender_tid = event.task.tid;
  record.target_tid = event.target.tid;
  if (event.own_context) record.syscall = Syscall{"kill", 0};
  record.own_context = event.own_context;
  record.sender_exiting = event.exiting;
  record.blocked = event.blocked;
  record.handled = event.handled;
  record.seen = last_seen;
  record.ancestry = lineage.ancestry(event.task, event.ancestors);
  auto line = check_line(record);
  FUZZ_CHECK(line["type"] == "signal");
  FUZZ_CHECK(line["sender"]["pid"] == event.task.pid);
  FUZZ_CHECK(line["target"]["pid"] == event.target.pid);
  FUZZ_CHECK(line["ancestry"].size() == record.ancestry->size());

  SignalHistory history;
  history.add(record, true);
  DeathRecord death;
  death.process = record.target;
  death.wait_status = event.number & 0x7f;
  Surroundings around;
  around.oom_marked = true;
  around.core_pattern = record.target->comm;
  death.verdict = judge({*record.target, death.wait_status, event.code & 3}, history, around);
  death.ancestry = record.ancestry;
  FUZZ_CHECK(check_line(death)["type"] == "death");
}

/// Takes an event as a session does, and checks its record.
inline void check_event(const KernelEvent& event, Lineage& lineage) {
  KernelEvent taken = event;
  taken.boot &= INT64_MAX;
  lineage.apply(taken);
  if (const auto* around = event.as<kernel::Around>()) last_seen = around->seen;
  if (const auto* signal = event.as<kernel::Signal>()) check_signal(*signal, event.boot, lineage);
  if (const auto* exit = event.as<kernel::Exit>()) {
    TraceRecord record{TraceRecord::Kind::exit, 0, lineage.find(exit->task), nullptr, exit->status};
    FUZZ_CHECK(check_line(record)["type"] == "exit");
  }
}

}  // namespace stapkill
