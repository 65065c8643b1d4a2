#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/phrase.h"
#include "host/facts.h"
#include "host/remedies.h"
#include "script/shims.h"

namespace stapkill {

/// Result of a check. `skip`: it did not run; `error`: it could not finish, by its own fault or the machine's (a file
/// system that hangs).
enum class Status { pass, warn, fail, skip, error };
std::string_view name_of(Status status);

/// What a check looked at, and what it found there.
struct Observation {
  Phrase source, value;
};

/// The outcome of a check.
struct CheckOutcome {
  Status status = Status::pass;
  Phrase message;  ///< one line
  std::vector<Observation> evidence;
  std::optional<Remedy> remedy;
  std::string blocked_by;  ///< with skip: the id of the check that had to pass first; "" for any other reason
};

/// Builds and loads real probes, for the checks that do so. Each outcome is kept among the facts.
class Smoke {
 public:
  virtual ~Smoke() = default;
  /// Runs `stap -p4` on an empty probe; status 0 when it compiled, `err` has stap's messages.
  virtual Fact<Ran> build_empty(const std::string& release, Shims shims) = 0;
  /// Compiles the watch module into the cache; `out` says where it is, or that it was cached.
  virtual Fact<Ran> build_watch(const std::string& release, Shims shims) = 0;
  /// Loads it, waits until it reports a signal that it sent, and unloads it.
  virtual Fact<Ran> run_watch() = 0;
  /// Whether the watch module is cached.
  virtual bool cached(const std::string& release) = 0;
  /// Whether SIGINT, SIGTERM or SIGHUP came during a trial.
  virtual bool interrupted() const { return false; }
};

/// The machine (uname -m) that stapkill's probes and BPF programs support.
inline constexpr std::string_view kMachine = "x86_64";

/// What the checks judge.
struct Host {
  Facts& facts;
  Distribution distribution;
  Uname name;
  std::string release;                        ///< of the judged kernel
  bool running = true;                        ///< it is the running kernel
  Shims shims = Shims::apply;                 ///< what SystemTap is judged with
  bool deep = false;                          ///< probes may be loaded
  Smoke* smoke = nullptr;                     ///< not owned; null: only outcomes among the facts
  std::optional<std::string> systemtap = {};  ///< its version, where it is known already

  std::string modules() const;  ///< /lib/modules/R
  /// Whether this user's capabilities count on the machine, not only in a user namespace; adds the evidence.
  bool of_initial_user_namespace(std::vector<Observation>& evidence) const;
  /// A captured tree, or facts of one: what is missing there may just not have been captured.
  bool captured() const;
  /// uname -m; for a tree without it, from the kernel's options; "" when not known.
  std::string machine() const;
  /// A remedy for this host, with {release} filled in.
  Remedy remedy(std::string_view need, RemedyWords words = {}) const;
};

/// The backends, as bits: a check can be required by both.
enum Backends : unsigned { kNone = 0, kStap = 1, kBpf = 2 };

/// One check: a row of the table in checks.cpp.
struct Check {
  std::string_view id, title;             ///< the title is a message: phrase_from()
  unsigned required_by;                   ///< the backends that cannot watch if it fails
  std::array<std::string_view, 3> after;  ///< checks that must not fail before this one makes sense
  int limit_seconds;
  bool slow;  ///< show that it runs
  CheckOutcome (*examine)(const Host& host);

  std::string_view category() const { return id.substr(0, id.find('.')); }
};

/// All checks, in the order in which they run and are shown.
std::span<const Check> checks();
const Check* find_check(std::string_view id);

CheckOutcome passed(Phrase message, std::vector<Observation> evidence = {});
CheckOutcome warned(Phrase message, std::optional<Remedy> remedy, std::vector<Observation> evidence = {});
CheckOutcome failed(Phrase message, std::optional<Remedy> remedy, std::vector<Observation> evidence = {});
CheckOutcome skipped(Phrase message, std::vector<Observation> evidence = {});

/// Why nothing was tried: a `why` of Smoke's facts.
inline constexpr std::string_view kNothingIsTried = msgid("nothing is built or loaded here");
inline constexpr std::string_view kDeepTries = msgid("--deep loads them and tries");

template <typename T>
Phrase why_of(const Fact<T>& fact) {
  return fact.why;
}
/// Adds a name to a list: ", " between two.
void add_name(Phrase& names, const Phrase& name);

// The check functions are in checks_stap.cpp, checks_release.cpp, checks_kernel.cpp, checks_debuginfo.cpp,
// checks_host.cpp, checks_bpf.cpp, checks_smoke.cpp.
CheckOutcome check_stap_present(const Host& host);
CheckOutcome check_stap_version(const Host& host);
CheckOutcome check_stap_runtime(const Host& host);
CheckOutcome check_stap_staprun(const Host& host);
CheckOutcome check_user_privilege(const Host& host);
CheckOutcome check_kernel_release(const Host& host);
CheckOutcome check_kernel_config(const Host& host);
CheckOutcome check_kernel_modules(const Host& host);
CheckOutcome check_kernel_build(const Host& host);
CheckOutcome check_kernel_build_others(const Host& host);
CheckOutcome check_kernel_debuginfo(const Host& host);
CheckOutcome check_kernel_debuginfo_match(const Host& host);
CheckOutcome check_kernel_symbols(const Host& host);
CheckOutcome check_toolchain_compiler(const Host& host);
CheckOutcome check_kernel_lockdown(const Host& host);
CheckOutcome check_kernel_signing(const Host& host);
CheckOutcome check_env_container(const Host& host);
CheckOutcome check_fs_tracefs(const Host& host);
CheckOutcome check_fs_space(const Host& host);
CheckOutcome check_bpf_syscall(const Host& host);
CheckOutcome check_bpf_btf(const Host& host);
CheckOutcome check_bpf_pids(const Host& host);
CheckOutcome check_smoke_build(const Host& host);
CheckOutcome check_smoke_run(const Host& host);

}  // namespace stapkill
