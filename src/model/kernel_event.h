#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "model/circumstances.h"

namespace stapkill {

/// What a backend saw, as it saw it. Views are into the backend's buffer and live until its callback returns.
/// One type for all kinds: `kind` says which fields count (docs/wire.md has the table).
struct KernelEvent {
  enum class Kind {
    hello,
    describe,
    exec,
    fork,
    rename,
    moved,          ///< the process (not a thread of it) is in another cgroup than before
    circumstances,  ///< of the signal that comes next from this CPU
    signal,
    returned,
    exit,
    oom_victim,
    sysrq,  ///< somebody asked for SysRq's f
    goodbye
  };

  struct Task {
    int pid = 0, tid = 0;
    std::uint64_t start = 0;  ///< clock ticks since boot
    std::int64_t uid = -1;
    std::string_view comm;
  };

  Kind kind = Kind::hello;
  int cpu = 0;
  std::uint64_t sequence = 0;  ///< of that CPU, without gaps; 0 where a backend counts losses itself
  std::uint64_t boot_ns = 0;   ///< CLOCK_BOOTTIME
  Task task;                   ///< who acted: the sender, the forking, exec'ing, exiting, renamed, moved process;
                               ///< oom_victim: the victim, by its tid alone
  Task other;                  ///< signal: the target; fork: the child
  int ended_cpu = 0;           ///< goodbye: whose last number it tells
  int parent = 0;              ///< describe, exec, fork: thread group of the (child's) parent
  bool watched = false;        ///< exit: it was among the targets when it ended

  std::optional<std::string_view> exe, cwd, cgroup, argv;  ///< describe, exec; moved: cgroup; argv's words end with NUL
  std::uint64_t argv_bytes = 0;

  int signal = 0, code = 0, result = 0, call = -1;
  bool own_context = false;  ///< signal, sysrq: the task's own code ran (no interrupt, no kernel thread)
  bool compat = false;       ///< signal: in a 32-bit system call
  bool exiting = false;      ///< signal: the sender was about to end; what it is in is no call that asks for anything
  bool blocked = false;      ///< signal: the target's thread did not let it in then
  bool handled = false;      ///< signal: the target had a handler for it
  bool refused = false;      ///< signal: the target ignores it by its own choice (SIG_IGN)
  std::optional<std::int64_t> aim;  ///< signal: the call's first argument; none where it is no pid, or not known
  std::optional<std::uint64_t>
      pending;  ///< exit: the process's signals that waited, a bit each from 1; none: not known
  std::shared_ptr<const Circumstances> seen;  ///< circumstances
  int seccomp = 0;                            ///< exit: the last thread's mode (include/linux/seccomp.h); 3 is dead
  int own_pid = 0;                            ///< exit: what its own pid namespace calls the process; 0: not told
  std::int64_t value = 0;      ///< returned: the result; exit: wait status; goodbye: that CPU's last sequence number;
                               ///< hello: the format's version
  std::string_view module;     ///< hello
  std::string_view ancestors;  ///< signal: pid.start,pid.start,… of the sender, its parent first; empty: none
};

}  // namespace stapkill
