#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace stapkill {

/// The login that a task belongs to, as audit keeps it: set when somebody logs in, inherited by all that is started
/// from there, whatever user it becomes (kernel/audit.c, audit_set_loginuid; pam_loginuid(8)).
struct Login {
  std::int64_t uid = -1;      ///< who logged in; -1: nobody
  std::int64_t session = -1;  ///< audit's number of the login; systemd-logind's too; -1: none
  bool operator==(const Login&) const = default;
};

/// The line of its script that a shell runs.
struct ScriptLine {
  int number = 0;
  std::string text;  ///< the line as it is in the file; empty: not known
  bool operator==(const ScriptLine&) const = default;
};

/// A machine, where records of several are in one report. It is the same machine where it is the same object.
struct NamedHost {
  std::string name;   ///< as its records say; may hold any bytes
  std::string label;  ///< what a report puts before the names of its processes; empty while it is the only one
};
using HostPtr = std::shared_ptr<const NamedHost>;

/// A process at one moment: PROCESS in stapkill-stream(5). Immutable once shared; a process that execs or renames
/// itself gets a new one. Byte strings are as the kernel gave them: any bytes, no promise of UTF-8.
struct Process {
  int pid = 0;                            ///< thread group id in the initial pid namespace
  std::uint64_t start = 0;                ///< clock ticks (1/100 s) since boot, as field 22 of /proc/PID/stat
  Time started = 0;                       ///< the same moment in wall time
  std::optional<std::int64_t> uid;        ///< of the initial user namespace
  std::optional<std::string> user;        ///< its name, where that is known
  std::optional<Login> login;             ///< none: not known
  std::optional<std::string> login_user;  ///< name of the user who logged in, where that is known
  std::optional<std::string> tty;         ///< its terminal below /dev, as "pts/3"; empty: it has none; none: not known
  std::string comm;
  std::optional<std::string> exe;
  std::optional<std::string> cwd;
  std::optional<std::string> cgroup;
  std::optional<std::vector<std::string>> argv;
  std::uint64_t argv_bytes = 0;  ///< argv's true length with its NULs; more than argv holds when argv was truncated
  bool ended = false;            ///< it had ended when it was reported as an ancestor
  /// Of a sender: where it sent. Of an ancestor: where it started the next process on the way down.
  std::optional<ScriptLine> script_line;

  /// Where it runs. A pid and a start are those of one host. Null: on this one. Not in records.
  HostPtr host;

  /// Where and when it was seen to exec; a fork inherits its parent's, as it does argv. Not in records.
  std::optional<std::string> exec_cwd;  ///< none where only /proc showed it: it may have moved since
  std::int64_t exec_boot = 0;           ///< ns, CLOCK_BOOTTIME; 0: not seen

  /// Flags of what is suspicious about it (docs/suspicion.md), none for most processes; set by Lineage.
  std::vector<std::string> flags;
};

using ProcessPtr = std::shared_ptr<const Process>;

/// Identifies a process; a pid alone does not, because it is reused.
struct ProcessKey {
  int pid = 0;
  std::uint64_t start = 0;  ///< clock ticks since boot; 0: the process that has that pid next
  auto operator<=>(const ProcessKey&) const = default;  // NOLINT(modernize-use-nullptr): its own comparison with 0
};

inline ProcessKey key_of(const Process& process) {
  return {process.pid, process.start};
}

/// A terminal's name below /dev, from the kernel's own: "pts/3" for "pts3" (devpts has no driver's number in its name).
std::string terminal_name(std::string_view tty);

/// One process as /proc shows it.
struct ProcEntry {
  Process process;
  int parent = 0;  ///< thread group
  bool kernel_thread = false;
  /// Its cgroups in hierarchies other than that of process.cgroup; without the roots.
  std::vector<std::string> other_cgroups;
  bool ending = false;  ///< its last thread has begun to exit, or it is a zombie
};

}  // namespace stapkill
