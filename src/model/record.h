#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/phrase.h"
#include "base/time.h"
#include "model/circumstances.h"
#include "model/containers.h"
#include "model/process.h"
#include "model/user_stack.h"

namespace stapkill {

/// A process's parents, nearest first; shared, because many records have the same. Never null in a record.
using Ancestry = std::shared_ptr<const std::vector<ProcessPtr>>;

/// The first record of every stream.
struct SessionRecord {
  Time time = 0;
  std::string version, hostname, kernel, arch, boot_id;
  std::string backend;                                                    ///< "stap" or "bpf"
  std::vector<std::string> probes;                                        ///< probe points in the backend's own words
  std::vector<std::pair<std::string, std::vector<std::string>>> targets;  ///< option name and its values
};

/// The probes are live: from now on no event is missed.
struct ArmedRecord {
  Time time = 0;
  double arm_ms = 0;      ///< since stapkill started
  std::string toolchain;  ///< "SystemTap 4.8", "BPF"; for people
  std::string kernel;
  std::optional<bool> from_cache;    ///< the compiled probes were cached; none where nothing is compiled
  std::vector<ProcessPtr> watching;  ///< the targets that exist now
};

/// Outcomes of the signal_generate tracepoint (include/trace/events/signal.h, TRACE_SIGNAL_*).
enum class SignalResult { delivered, ignored, already_pending, overflow, info_lost };

/// Who asked: the task that ran, or the kernel on its own behalf while that task happened to run.
enum class By { process, kernel, self };

/// The target of a sender's system call (kill(2)).
enum class Aim { process, group, own_group, everyone, thread };

struct Syscall {
  std::string_view name;            ///< of a static table
  std::optional<std::int64_t> ret;  ///< its result; none when the return was not seen
  std::optional<std::int64_t> pid;  ///< its pid argument, in the caller's pid namespace; none: not known, or a pidfd
  std::optional<Aim> aims_at;       ///< none where neither the call nor its argument shows it
};

struct SignalRecord {
  Time time = 0;
  Time boot = 0;          ///< the same moment by CLOCK_BOOTTIME, which nobody can set: for intervals
  std::uint64_t seq = 0;  ///< counts the session's signal records from 1
  int number = 0;
  int code = 0;           ///< si_code
  std::string code_word;  ///< its name, of a record that was read from a stream; empty: code_name() knows
  SignalResult result = SignalResult::delivered;
  By by = By::kernel;
  ProcessPtr sender, target;
  int sender_tid = 0, target_tid = 0;
  std::optional<Syscall> syscall;
  bool own_context = false;                   ///< the sender's own code ran: no interrupt, no kernel thread
  bool sender_exiting = false;                ///< the sender was about to end
  bool blocked = false;                       ///< the target's thread blocked it then
  bool handled = false;                       ///< the target had a handler for it
  bool refused = false;                       ///< the target had set it to SIG_IGN
  std::shared_ptr<const Circumstances> seen;  ///< only for a signal that no system call asked for; null: not known
  std::vector<Frame> frames;                  ///< what its sender ran in user space, innermost first; empty: not known
  Ancestry ancestry = std::make_shared<std::vector<ProcessPtr>>();  ///< of the sender
};

/// The causes of docs/causes.md and stapkill-stream(5).
enum class Cause {
  exit,
  kill,
  tkill,
  sigqueue,
  pidfd,
  self,
  fault,
  sigpipe,
  timer,
  rlimit_cpu,
  rlimit_fsize,
  seccomp,
  oom_global,
  oom_memcg,
  cgroup_kill,
  parent_death,
  pidns_exit,
  tty_signal,
  tty_hangup,
  tracer_exit,
  sysrq,
  bpf,
  unknown,
};
enum class Confidence { certain, likely, unknown };

/// One step of the chain that led to a death (STEP in stapkill-stream(5)).
struct ChainStep {
  enum class What { signal, request, exit, limit, relay, handler } what = What::signal;
  ProcessPtr process;                       ///< the process that took the step; null: no process did
  std::optional<std::uint64_t> signal_seq;  ///< of its signal's record, where that is in the stream
  int number = 0;                           ///< of its signal; 0: none
  std::string through;                      ///< "kill(2)", "cgroup.kill"; empty: none
  Time time = 0;
  Confidence confidence = Confidence::certain;
  Ancestry ancestry = std::make_shared<std::vector<ProcessPtr>>();  ///< of its process
};

struct Verdict {
  Cause cause = Cause::unknown;
  By by = By::kernel;
  ProcessPtr killer;                        ///< null where the cause has none
  ProcessPtr initiator;                     ///< the process of the chain's first step that has one; null: none
  std::vector<ChainStep> chain;             ///< the first step first; empty: nobody asked for it
  std::optional<std::uint64_t> signal_seq;  ///< of the record of the fatal signal, or of the one that asked
  Confidence confidence = Confidence::unknown;
  Phrase summary;                ///< one sentence on one line; may hold bytes of other processes
  std::vector<Phrase> evidence;  ///< what was seen, a sentence each; may hold bytes of other processes
  std::string rule;              ///< name of the rule that decided (verdict/rules.h)
};

struct DeathRecord {
  Time time = 0;
  ProcessPtr process;
  int wait_status = 0;  ///< as wait(2) gives it
  Verdict verdict;
  ProcessPtr parent;          ///< of the process itself; null: not known
  std::vector<Frame> frames;  ///< where it called exit(3) with a status other than 0, innermost first; empty: not known
  Ancestry ancestry =
      std::make_shared<std::vector<ProcessPtr>>();  ///< of the killer, or of the process itself when killer is null
};

/// With --trace-exec: a process was forked, changed its program, or ended.
struct TraceRecord {
  enum class Kind { fork, exec, exit } kind = Kind::fork;
  Time time = 0;
  ProcessPtr process;   ///< fork: the child
  ProcessPtr parent;    ///< fork: who forked
  int wait_status = 0;  ///< exit: as wait(2) gives it
};

struct LossRecord {
  Time time = 0;
  std::uint64_t count = 0;
  Phrase where;
};

struct DiagnosticRecord {
  enum class Level { warning, error } level = Level::warning;
  Time time = 0;
  std::string id;
  Phrase message, remedy;
  std::string check;  ///< doctor's check that goes with it; "" for none
};

/// A container that was asked for, or belongs to a pod that was asked for, is there, started, restarted or ended.
struct ContainerRecord {
  enum class What { present, started, restarted, ended } what = What::present;
  Time time = 0;
  Container container;
  std::string name, pod;       ///< as its runtime and Kubernetes name them ("NAMESPACE/NAME"); empty: not known
  ProcessPtr process;          ///< its first process; ended: its last one; null: none
  std::uint64_t restarts = 0;  ///< since the watch began, in its pod
  /// How its last run before the watch ended, where the runtime says it.
  std::optional<int> last_status;
  std::string last_reason;
};

struct SummaryRecord {
  Time time = 0;
  std::uint64_t signals = 0, deaths = 0, lost = 0;
  std::optional<std::uint64_t> restarts;  ///< of containers; none where no container or pod was asked for
  double duration_s = 0;
};

using Record = std::variant<SessionRecord, ArmedRecord, SignalRecord, DeathRecord, TraceRecord, LossRecord,
                            DiagnosticRecord, ContainerRecord, SummaryRecord>;

/// Name of si_code, as from signal_code_name(). CLD_* and POLL_* are recognised by the kernel stack, whatever the
/// signal's number; a code that could be of several kinds stays a number.
std::string code_name(const SignalRecord& record);

/// Whether the target's own system call asked for the signal.
bool raised_by_itself(const SignalRecord& record);

/// The names in stapkill-stream(5). Those of results are messages, too.
std::string_view name_of(SignalResult result);
std::string_view name_of(By by);
std::string_view name_of(Aim aim);
std::string_view name_of(ChainStep::What what);
std::string_view name_of(Cause cause);
/// All of them.
std::span<const Cause> all_causes();
std::string_view name_of(Confidence confidence);
std::string_view name_of(ContainerRecord::What what);

}  // namespace stapkill
