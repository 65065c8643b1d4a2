#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

#include "model/circumstances.h"
#include "model/process.h"

namespace stapkill {

/// What a kernel event is of: a type for each kind (docs/wire.md has the table). Views and spans are into the backend's
/// buffer and live until its callback returns.
namespace kernel {

struct Task {
  int pid = 0, tid = 0;
  std::uint64_t start = 0;  ///< clock ticks since boot
  std::int64_t uid = -1;    ///< -1: this kind does not have it
  std::string_view comm;
};

/// First of a module's.
struct Hello {
  int version = 0;  ///< of the format
  std::string_view module;
};
/// What a process is.
struct Image {
  Task task;
  int parent = 0;  ///< thread group
  std::optional<std::string_view> exe, cwd, cgroup;
  std::optional<std::string_view> argv;  ///< its words end with NUL
  std::uint64_t argv_bytes = 0;          ///< argv's true length
};
/// It is named for the first time since it became what it is.
struct Describe : Image {};
struct Exec : Image {};
struct Fork {
  Task task;  ///< who forked, by pid and start alone
  Task child;
  int parent = 0;  ///< the child's; another thread group with CLONE_PARENT
};
struct Rename {
  Task task;
};
/// A process (not a thread of it) is in another cgroup than before.
struct Move {
  Task task;
  std::optional<std::string_view> cgroup;
};
/// Of the signal that comes next from this CPU.
struct Around {
  std::shared_ptr<const Circumstances> seen;  ///< never null
};
struct Signal {
  Task task;  ///< who ran: the sender
  Task target;
  int number = 0;
  int code = 0;                           ///< si_code
  int result = 0;                         ///< TRACE_SIGNAL_* (include/trace/events/signal.h)
  int call = -1;                          ///< number of the system call; -1: none
  bool own_context = false;               ///< the sender's own code ran: no interrupt, no kernel thread
  bool compat = false;                    ///< in a 32-bit system call
  bool exiting = false;                   ///< the sender was about to end: the call that it is in asks for nothing
  bool blocked = false;                   ///< the target's thread did not let it in then
  bool handled = false;                   ///< the target had a handler for it
  bool refused = false;                   ///< the target ignores it by its own choice (SIG_IGN)
  std::optional<std::int64_t> aim;        ///< the call's first argument; none where it is no pid, or not known
  std::span<const ProcessKey> ancestors;  ///< of the sender, its parent first, as the kernel has them
};
/// The call by which a thread sent a signal returned.
struct Return {
  int pid = 0, tid = 0;
  int call = -1;
  std::int64_t value = 0;
};
struct Exit {
  Task task;
  int status = 0;                        ///< as wait(2) gives it
  bool watched = false;                  ///< it was among the targets when it ended
  int seccomp = 0;                       ///< the last thread's mode (include/linux/seccomp.h); 3 is dead
  int own_pid = 0;                       ///< what its own pid namespace calls the process; 0: not known
  std::optional<std::uint64_t> pending;  ///< its signals that waited, a bit each from 1; none: not known
};
struct OomVictim {
  int tid = 0;
};
/// Somebody asked for SysRq's f.
struct SysRq {
  Task task;
  bool own_context = false;  ///< by that task, not from a keyboard
};
/// Last of a CPU's.
struct Goodbye {
  int cpu = 0;
  std::uint64_t last = 0;  ///< its last sequence number
};

}  // namespace kernel

/// What a backend saw, as it saw it.
struct KernelEvent {
  int cpu = 0;
  std::uint64_t sequence = 0;  ///< of that CPU, without gaps; 0 where a backend counts losses itself
  std::int64_t boot = 0;       ///< ns, CLOCK_BOOTTIME
  std::variant<kernel::Hello, kernel::Describe, kernel::Exec, kernel::Fork, kernel::Rename, kernel::Move,
               kernel::Around, kernel::Signal, kernel::Return, kernel::Exit, kernel::OomVictim, kernel::SysRq,
               kernel::Goodbye>
      what;

  /// What happened, if it is of that kind; else null.
  template <typename Kind>
  const Kind* as() const {
    return std::get_if<Kind>(&what);
  }
};

}  // namespace stapkill
