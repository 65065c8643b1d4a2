#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "model/record.h"
#include "verdict/oom_marks.h"
#include "verdict/origins.h"

namespace stapkill {

/// How a process ended.
struct Death {
  const Process& process;
  int wait_status = 0;  ///< as wait(2) gives it
  int seccomp = 0;      ///< its last thread's mode (include/linux/seccomp.h, seccomp_types.h)
  Time time = 0;
  int own_pid = 0;  ///< what its own pid namespace calls it; 0: not known
  Time boot = 0;    ///< `time` by CLOCK_BOOTTIME; 0: not known
  /// The process's signals that still waited then, a bit each from number 1; none: not known.
  std::optional<std::uint64_t> pending{};
};

/// A child that a signal ended, and who sent that, where it was seen.
struct KilledChild {
  ProcessPtr process;
  int number = 0;
  const SignalRecord* signal = nullptr;  ///< null: not seen
  std::optional<OomMark> mark{};         ///< the out-of-memory killer's; none: it was another's signal
};

/// What was seen around a death, besides what was sent to the process.
struct Surroundings {
  std::uint64_t lost = 0;               ///< events lost around it, any of which could have been part of its story
  bool oom_marked = false;              ///< the out-of-memory killer marked it as its victim
  std::vector<OomMark> oom_marks;       ///< others that the out-of-memory killer marked at about that time
  std::vector<OomMark> oom_before;      ///< all that it had marked within minutes before, the last one last
  ProcessPtr asked_sysrq;               ///< who asked for SysRq's f shortly before; null: nobody that was seen
  Ancestry sysrq_ancestry;              ///< and that one's parents
  std::uint64_t memory_bytes = 0;       ///< the machine's; 0: not known
  std::string core_pattern;             ///< /proc/sys/kernel/core_pattern; empty: not known
  std::optional<bool> core_uses_pid{};  ///< /proc/sys/kernel/core_uses_pid; none: not known
  Time watched_since = 0;               ///< boot time from which nothing was missed; 0: from long before
  Lookups lookups;
  Ancestry parents = std::make_shared<std::vector<ProcessPtr>>();  ///< of the process itself
  /// The last request that another process had been sent by somebody else, at that boot time or before; null: none was
  /// seen. Empty: nothing is known of others.
  std::function<const SignalRecord*(const Process&, Time)> sent_to;
  /// A child of the process that a signal of that number ended shortly before.
  std::function<std::optional<KilledChild>(int number)> killed_child;
};

/// What a rule looks at: the end, the fatal signal, and what the kernel knew of it.
struct Clues {
  const Death& death;
  const SignalRecord& signal;
  const Circumstances& seen;  ///< empty where it was not told
  const Surroundings& around;
};

}  // namespace stapkill
