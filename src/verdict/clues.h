#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "model/record.h"
#include "verdict/oom_marks.h"
#include "verdict/origins.h"
#include "verdict/requests.h"

namespace stapkill {

/// How a process ended.
struct Death {
  const Process& process;
  int wait_status = 0;  ///< as wait(2) gives it
  int seccomp = 0;      ///< mode of its last thread (include/linux/seccomp.h, seccomp_types.h)
  Time time = 0;
  int own_pid = 0;  ///< its pid in its own pid namespace; 0: not known
  Time boot = 0;    ///< `time` by CLOCK_BOOTTIME; 0: not known
  /// Its pending signals at the end, a bit each from number 1; none: not known.
  std::optional<std::uint64_t> pending{};
  std::vector<Frame> frames{};  ///< where it called exit(3), innermost first; empty: not known
};

/// A child that a signal ended, and that signal, where it was seen.
struct KilledChild {
  ProcessPtr process;
  int number = 0;
  const SignalRecord* signal = nullptr;  ///< null: not seen
  std::optional<OomMark> mark{};         ///< set where the out-of-memory killer chose it
};

/// What was seen around a death, besides signals to the process.
struct Surroundings {
  std::uint64_t lost = 0;               ///< events lost around it: any could belong to its story
  bool oom_marked = false;              ///< the out-of-memory killer marked it as its victim
  std::vector<OomMark> oom_marks;       ///< others that the out-of-memory killer marked at about that time
  std::vector<OomMark> oom_before;      ///< all that it marked in the minutes before, the latest last
  ProcessPtr asked_sysrq;               ///< who asked for SysRq f shortly before; null: nobody was seen
  Ancestry sysrq_ancestry;              ///< ancestors of asked_sysrq
  std::uint64_t memory_bytes = 0;       ///< the machine's; 0: not known
  std::string core_pattern;             ///< /proc/sys/kernel/core_pattern; empty: not known
  std::optional<bool> core_uses_pid{};  ///< /proc/sys/kernel/core_uses_pid; none: not known
  Time watched_since = 0;               ///< boot time since when nothing was missed; 0: long before
  Lookups lookups;
  Ancestry parents = std::make_shared<std::vector<ProcessPtr>>();  ///< of the process itself
  /// The last signal to another process from a third one, at that boot time or before; null: none was seen. Empty:
  /// nothing is known about others.
  std::function<const SignalRecord*(const Process&, Time)> sent_to;
  /// How a process ended a moment ago, as wait(2) gives it; none: not known. Empty: nothing is known about others.
  std::function<std::optional<int>(const Process&)> end_of;
  const Requests* requests = nullptr;                      ///< to managers; null: none are known
  const std::vector<std::string>* manager_said = nullptr;  ///< systemd, about its unit; null: nothing is known
  const std::vector<std::string>* kubelet_said = nullptr;  ///< about its container and pod; null: nothing is known
  /// A child of the process that a signal of that number ended shortly before.
  std::function<std::optional<KilledChild>(int number)> killed_child;
};

/// What a rule looks at: the death, the fatal signal, and its circumstances.
struct Clues {
  const Death& death;
  const SignalRecord& signal;
  const Circumstances& seen;  ///< empty where not known
  const Surroundings& around;
};

}  // namespace stapkill
