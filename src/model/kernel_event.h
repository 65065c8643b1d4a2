#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

#include "model/circumstances.h"
#include "model/process.h"
#include "model/user_stack.h"

namespace stapkill {

/// The kinds of kernel events, a type for each (table in docs/wire.md). Views and spans point into the backend's buffer
/// and are valid until its callback returns.
namespace kernel {

struct Task {
  int pid = 0, tid = 0;
  std::uint64_t start = 0;  ///< clock ticks since boot
  std::int64_t uid = -1;    ///< -1: not known for this kind
  std::string_view comm;
};

/// What the variables of bash say of the command that it runs now (bash 5.2: execute_cmd.c, builtins/evalstring.c,
/// variables.c). Any program can claim to be bash: the
/// numbers prove nothing alone.
struct BashLine {
  int number = 0;            ///< `line_number`; 0: not known, or the process is no bash
  bool in_text = false;      ///< `parse_and_execute_level`: in a trap, eval, or the text of $(…)
  bool in_function = false;  ///< `variable_context`
  bool in_source = false;    ///< `sourcelevel`: in another file than its script
  bool operator==(const BashLine&) const = default;
  /// All in one number, as programs and module report it (docs/wire.md, `line`).
  static BashLine of(std::uint32_t packed);
  std::uint32_t packed() const;
};

/// A module's first event.
struct Hello {
  int version = 0;  ///< of the format
  std::string_view module;
};
/// The identity of a process: its program, arguments and places.
struct Image {
  Task task;
  int parent = 0;  ///< thread group
  std::optional<std::string_view> exe, cwd, cgroup;
  std::optional<std::string_view> argv;  ///< each word ends with NUL
  std::uint64_t argv_bytes = 0;          ///< argv's true length
  std::optional<Login> login;            ///< none: not known
  std::optional<std::string_view> tty;   ///< the kernel's name of its terminal ("pts3"); empty: it has none
};
/// Sent with the first event that names a process after its start or exec.
struct Describe : Image {};
struct Exec : Image {};
struct Fork {
  Task task;  ///< the one that forked; only its pid and start
  Task child;
  int parent = 0;  ///< the child's parent; another thread group with CLONE_PARENT
  BashLine bash;   ///< of the one that forked
};
struct Rename {
  Task task;
};
/// A process (not one of its threads) has moved to another cgroup.
struct Move {
  Task task;
  std::optional<std::string_view> cgroup;
};
/// The circumstances of the next signal from this CPU.
struct Around {
  std::shared_ptr<const Circumstances> seen;  ///< never null
};
/// Executable memory of the task whose Stack comes next from this CPU.
struct Code {
  CodeMapping mapping;
};
/// A part of the stack of the task whose Stack comes next from this CPU.
struct Memory {
  std::uint64_t address = 0;
  std::string bytes;
};
/// What the task that sends the next signal from this CPU runs in user space; or one that calls exit_group(2).
struct Stack {
  bool at_exit = false;
  std::shared_ptr<const UserStack> top;  ///< never null. Without its executable memory, nor what came as Memory
};
struct Signal {
  Task task;  ///< the sender: the task that ran
  Task target;
  int number = 0;
  int code = 0;                           ///< si_code
  int result = 0;                         ///< TRACE_SIGNAL_* (include/trace/events/signal.h)
  int call = -1;                          ///< number of the system call; -1: none
  bool own_context = false;               ///< the sender's own code ran: no interrupt, no kernel thread
  bool compat = false;                    ///< in a 32-bit system call
  bool exiting = false;                   ///< the sender was about to end: its system call did not ask for the signal
  bool blocked = false;                   ///< the target's thread blocked it then
  bool handled = false;                   ///< the target had a handler for it
  bool refused = false;                   ///< the target set it to SIG_IGN
  std::optional<std::int64_t> aim;        ///< the call's first argument; none where that is no pid, or not known
  std::span<const ProcessKey> ancestors;  ///< of the sender, its parent first, from the kernel's own list
  BashLine bash;                          ///< of the sender
};
/// The system call that sent a signal has returned.
struct Return {
  int pid = 0, tid = 0;
  int call = -1;
  std::int64_t value = 0;
};
struct Exit {
  Task task;
  int status = 0;                        ///< as wait(2) gives it
  bool watched = false;                  ///< it was a target when it ended
  int seccomp = 0;                       ///< the last thread's mode (include/linux/seccomp.h); 3 is dead
  int own_pid = 0;                       ///< its pid in its own pid namespace; 0: not known
  std::optional<std::uint64_t> pending;  ///< its pending signals, a bit each from 1; none: not known
};
struct OomVictim {
  int tid = 0;
};
/// Somebody asked for SysRq's f.
struct SysRq {
  Task task;
  bool own_context = false;  ///< by that task, not from a keyboard
};
/// A process connects to a manager's socket (model/managers.h).
struct Connect {
  Task task;                ///< the client
  ProcessKey listener;      ///< who listens there; pid 0: not known
  std::string_view socket;  ///< the path that the listener gave it, as it is in the listener's file system
};
/// The last event of a CPU.
struct Goodbye {
  int cpu = 0;
  std::uint64_t last = 0;  ///< its last sequence number
};

}  // namespace kernel

/// One event as a backend saw it.
struct KernelEvent {
  int cpu = 0;
  std::uint64_t sequence = 0;  ///< counts that CPU's events without gaps; 0 where the backend counts losses itself
  std::int64_t boot = 0;       ///< ns, CLOCK_BOOTTIME
  std::variant<kernel::Hello, kernel::Describe, kernel::Exec, kernel::Fork, kernel::Rename, kernel::Move,
               kernel::Around, kernel::Signal, kernel::Return, kernel::Exit, kernel::OomVictim, kernel::SysRq,
               kernel::Connect, kernel::Goodbye, kernel::Code, kernel::Memory, kernel::Stack>
      what;

  /// The event, if it is of that kind; else null.
  template <typename Kind>
  const Kind* as() const {
    return std::get_if<Kind>(&what);
  }
};

}  // namespace stapkill
