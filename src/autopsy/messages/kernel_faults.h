#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "autopsy/finding.h"
#include "autopsy/log_entry.h"

namespace stapkill {

/// The kernel's lines about signals that it sends for faults: x86 (arch/x86/mm/fault.c, kernel/traps.c,
/// kernel/signal.c), arm64 (arch/arm64/kernel/traps.c, mm/fault.c), powerpc, riscv, memory failures, and
/// print_fatal_signals (kernel/signal.c). They are written only where no handler waits for the signal
/// (unhandled_signal()), except those about memory failures: the process may live on where it handles SIGBUS.
///
/// "NAME[PID]" is everywhere task_pid_nr(current), and "NAME:PID" is task->pid: a thread's id. It is in subject.tid,
/// and subject.pid is 0: which thread group it is in is not said.
class FaultLines {
 public:
  /// True where it is such a line.
  bool take(const LogEntry& entry, std::string_view line, std::vector<Finding>& findings);
  void finish(std::vector<Finding>& findings) { release(findings); }

 private:
  bool take_fatal(const LogEntry& entry, std::string_view line, std::vector<Finding>& findings);
  void release(std::vector<Finding>& findings);

  /// "potentially unexpected fatal signal N.", until show_regs() names the task: a finding abnormal_end.
  std::optional<Finding> fatal_;
  int lines_since_ = 0;
};

/// Where a fault was, by what print_vma_addr (mm/memory.c) puts at a line's end: " in libc.so.6[7f00+1b7000]", since
/// 6.7 with the offset in the file before the start. "libc.so.6+0x2a1b0"; without the offset, that from the start of
/// the mapping. Empty where the line has none.
std::string fault_place(std::string_view rest, std::optional<std::uint64_t> instruction);

}  // namespace stapkill
