#pragma once

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "check.h"
#include "model/kernel_event.h"
#include "report/json.h"
#include "verdict/lineage.h"
#include "verdict/verdict.h"

/// What must hold of the records that a backend's events become, whatever the events hold.
namespace stapkill {

/// The line is what a reader of the stream takes: one, valid, and about these processes.
inline nlohmann::json check_line(const Record& record) {
  std::string out;
  ProcessJson processes;
  append_json(out, record, processes);
  FUZZ_CHECK(!out.empty() && out.find('\n') == out.size() - 1);
  auto line = nlohmann::json::parse(out, nullptr, false);
  FUZZ_CHECK(line.is_object());
  return line;
}

/// Linux gives out no others (PID_MAX_LIMIT); the process table is not made for them.
inline bool possible(int pid) {
  return pid >= 0 && pid <= 4194304;
}

inline std::shared_ptr<const Circumstances> last_seen;

inline void check_signal(const KernelEvent& event, Lineage& lineage) {
  SignalRecord record;
  record.time = static_cast<Time>(event.boot_ns);
  record.number = event.signal;
  record.code = event.code;
  record.result = static_cast<SignalResult>(std::clamp(event.result, 0, 4));
  record.by = event.own_context ? By::process : By::kernel;
  record.sender = lineage.find(event.task);
  record.target = lineage.find(event.other);
  record.sender_tid = event.task.tid;
  record.target_tid = event.other.tid;
  if (event.own_context) record.syscall = Syscall{"kill", event.value};
  record.own_context = event.own_context;
  record.sender_exiting = event.exiting;
  record.blocked = event.blocked;
  record.handled = event.handled;
  record.seen = last_seen;
  record.ancestry = lineage.ancestry(event.task, event.ancestors);
  auto line = check_line(record);
  FUZZ_CHECK(line["type"] == "signal");
  FUZZ_CHECK(line["sender"]["pid"] == event.task.pid);
  FUZZ_CHECK(line["target"]["pid"] == event.other.pid);
  FUZZ_CHECK(line["ancestry"].size() == record.ancestry->size());

  SignalHistory history;
  history.add(record, true);
  DeathRecord death;
  death.process = record.target;
  death.wait_status = event.signal & 0x7f;
  Surroundings around;
  around.oom_marked = true;
  around.core_pattern = record.target->comm;
  death.verdict = judge({*record.target, death.wait_status, event.code & 3}, history, around);
  death.ancestry = record.ancestry;
  FUZZ_CHECK(check_line(death)["type"] == "death");
}

/// Takes an event in as a session does, and checks the record of it.
inline void check_event(const KernelEvent& event, Lineage& lineage) {
  lineage.apply(event, static_cast<Time>(event.boot_ns & INT64_MAX));
  if (event.kind == KernelEvent::Kind::circumstances) last_seen = event.seen;
  if (event.kind == KernelEvent::Kind::signal) check_signal(event, lineage);
  if (event.kind == KernelEvent::Kind::exit) {
    TraceRecord record{TraceRecord::Kind::exit, 0, lineage.find(event.task), nullptr, static_cast<int>(event.value)};
    FUZZ_CHECK(check_line(record)["type"] == "exit");
  }
}

}  // namespace stapkill
