#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/phrase.h"
#include "base/time.h"

namespace stapkill {

/// A process, container or unit as a source names it: only what it says. Bytes are as in the source.
struct Party {
  int pid = 0;  ///< thread group in the host's pid namespace; 0: not named
  int tid = 0;  ///< where the source names a thread
  int parent = 0;
  std::string comm, exe;
  std::string cmdline;  ///< may be long and hold secrets: printed redacted only
  std::optional<std::int64_t> uid, loginuid;
  std::string user;                 ///< where the source names it, not its number
  std::string tty, unit, cgroup;    ///< unit: "nginx.service"
  std::string container;            ///< its id, as far as the source gives it (12 or 64 digits)
  std::string container_name, pod;  ///< pod: "NAMESPACE/NAME"
  std::string pod_uid;              ///< canonical (model/containers.h, pod_uid())
  bool operator==(const Party&) const = default;
};

/// A process in the table of an out-of-memory report.
struct OomTask {
  int pid = 0;
  std::string comm;
  std::uint64_t resident = 0;  ///< bytes
  int score_adjustment = 0;
  bool operator==(const OomTask&) const = default;
};

/// What an out-of-memory report of the kernel says.
struct OomReport {
  enum class Scope { unknown, machine, memcg, cpuset, mempolicy } scope = Scope::unknown;
  std::string limited;                    ///< the memory cgroup that was at its limit
  std::string of_task;                    ///< the memory cgroup that the victim was in
  std::uint64_t limit = 0, resident = 0;  ///< bytes; 0: not said. resident: the victim's
  std::string asking;                     ///< comm of the task that needed memory
  int score_adjustment = 0;
  bool whole_group = false;      ///< memory.oom.group: its tasks end together
  std::vector<OomTask> largest;  ///< of the table of tasks, at most 5, the largest first
  bool operator==(const OomReport&) const = default;
};

/// What a source says happened, at one time, to one process, container or unit.
struct Finding {
  /// kinds.h has what each proves.
  enum class Kind {
    // A process ended, or is about to.
    oom_kill,       ///< the kernel's out-of-memory killer chose it
    fault,          ///< the kernel logged a CPU fault that ended it (segfault, trap, general protection)
    seccomp,        ///< audit: a seccomp filter's action; `signal`
    abnormal_end,   ///< audit: ANOM_ABEND; `signal`
    core,           ///< a core dump exists, or was reported; `signal`
    unit_process,   ///< systemd: a unit's process ended; `status` or `signal`
    accounting,     ///< process accounting: it ended; `status` or `signal`
    container_end,  ///< a runtime's or the kubelet's state: a container ended; `status` (137: signal 9 by its rule)
    signal_call,    ///< audit: `actor` called kill(2) or the like; `signal`
    // Somebody decided to end it.
    userspace_oom,   ///< systemd-oomd, earlyoom or the like ended it
    unit_kill,       ///< systemd: it sends `signal` to a process of a unit
    unit_stop,       ///< systemd: a stop or restart job of a unit began
    unit_limit,      ///< systemd: a time limit or the watchdog of a unit; `reason`
    unit_oom,        ///< systemd: the kernel's killer ended a process of the unit
    container_stop,  ///< a daemon was asked to stop, kill or remove a container
    kubelet_kill,    ///< the kubelet ends a container; `reason`
    cgroup_kill,     ///< a write to cgroup.kill
    sysrq,           ///< SysRq e, i or f; `reason`
    // What belongs to it.
    unit_result,  ///< systemd: how a unit failed; `reason`
    unit_start,   ///< systemd: a unit was started, or restarts
    claim,        ///< a runtime's word for an end, such as OOMKilled; `reason`
    counter,      ///< a counter of a cgroup that still lives; `reason`
    hung_task,    ///< the kernel: it was blocked for long
    boot,
    shutdown,
    sleep,
    crash,  ///< of the machine
    // Who could have: context alone.
    login,
    command,
    job,
    packages,
    note,
  };
  Kind kind = Kind::note;
  Time time = 0;              ///< wall time; 0: not known
  Time doubt = 0;             ///< ns that the time may be off, to each side
  Party subject;              ///< whom it is about
  Party actor;                ///< who did it, where the source names one
  int signal = 0;             ///< 0: none, or not said
  std::optional<int> status;  ///< exit status
  std::string through;        ///< of signal_call: "kill(2)"; else the manager that wrote it: "systemd", "kubelet"
  std::string reason;         ///< in a few words: "liveness probe failed", "SIGSEGV at 0x0 in libc.so.6+0x2a1b0"
  bool self = false;          ///< signal_call, core: the process itself sent it
  bool by_kernel = false;     ///< core: si_code says that the kernel sent it
  bool failed = false;        ///< signal_call: it returned an error
  std::optional<OomReport> oom;
  std::string source;                  ///< id of the source: "kernel-log" (inquest/sources.h)
  std::string place;                   ///< where in it: "/var/log/kern.log:18231", "journal", "audit event 1699:123"
  std::string quote;                   ///< the source's own line or fields, at most kLongestQuote bytes
  std::optional<Time> since_boot;      ///< ns since boot, where the source has only that
  std::optional<std::string> boot_id;  ///< of the boot it happened in, where the source says
  /// From a text that any user of the host can write to under any program's name (LogEntry).
  bool forgeable = false;
};
inline constexpr std::size_t kLongestQuote = 400;

/// Which part of a source was read, or why none was.
struct SourceNote {
  enum class State { read, absent, not_permitted, broken, cut } state = State::read;
  std::string source;  ///< as in Finding
  std::string path;    ///< what was read: a path, or a command
  /// broken, cut: why, for a person; else what is worth knowing, for JSON alone: "3 files, 2 compressed".
  Phrase detail;
  Time since = 0, until = 0;  ///< read, cut: the time that its contents cover within the scope; 0: not known
};

/// What reading one source gave.
struct Reading {
  std::vector<Finding> findings;
  std::vector<SourceNote> notes;
};

}  // namespace stapkill
