#pragma once

#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/containers.h"
#include "model/process.h"

namespace re2 {
class RE2;
}

namespace stapkill {

/// Whom to watch, as the command line says it. A process is a target when it matches any of these.
struct TargetOptions {
  std::vector<int> pids;
  std::vector<std::string> names;          ///< regular expressions over comm (RE2: linear time, whatever the pattern)
  std::vector<std::string> exes;           ///< absolute paths
  std::vector<std::string> cmdlines;       ///< regular expressions over argv with a space between its words
  std::vector<std::string> uids;           ///< decimal
  std::vector<std::string> cgroups;        ///< paths from the hierarchy's root; what is below them too
  std::vector<std::string> units;          ///< with their suffix
  std::vector<std::string> containers;     ///< as they were asked for
  std::vector<std::string> pods;           ///< as they were asked for
  std::vector<std::string> container_ids;  ///< what `containers` were found to be: ids, or the beginnings of some
  std::vector<std::string> pod_uids;       ///< what `pods` were found to be
  bool all = false, children = false, wait = false;
  std::vector<std::string> command;
};

/// One way to name processes by what they are: as the option, the session record and a recording call it.
struct PatternKind {
  std::string_view name;
  std::vector<std::string> TargetOptions::*values;
  bool matches;  ///< a process can be held against it; else it only tells what was asked for
};

/// All of them.
std::span<const PatternKind> pattern_kinds();

/// Whether any pattern is given that a process can match.
bool has_patterns(const TargetOptions& options);

/// Whether containers or pods are among them.
bool asks_for_containers(const TargetOptions& options);

/// Whether a process runs that program, also where the file has been deleted since.
bool runs(const Process& process, std::string_view exe);

/// Every target by the option's name, with its values: what a session record and a recording tell.
std::vector<std::pair<std::string, std::vector<std::string>>> described(const TargetOptions& options);

/// Decides which processes are targets. What has joined stays until it ends.
class Targets {
 public:
  /// Fails, as a usage error that shows where, on a pattern that is no regular expression.
  static Result<Targets> make(TargetOptions options);
  Targets(Targets&&) noexcept;
  Targets& operator=(Targets&&) noexcept;
  ~Targets();

  const TargetOptions& options() const { return options_; }
  /// Whether the kernel can choose by pid; else it must report everything and matches() chooses.
  bool by_pid() const { return !options_.all && !has_patterns(options_); }
  /// Whether a process is named by the options, as it is now.
  bool matches(const Process& process) const;
  /// The same without what it is only part of: containers, pods, units and cgroups.
  bool matches_itself(const Process& process) const;
  /// The units and cgroups that were asked for and that it is in, as they were asked for.
  std::vector<std::string> places_of(const Process& process) const;
  /// Which of its containers was asked for, itself or as part of a pod: the innermost such.
  std::optional<Container> container_asked_for(const Process& process) const;
  /// No pattern means this process, which has them in its own command line: stapkill. --pid and --all can.
  void leave_out(int pid);
  /// Also the process that has, or (with --wait) will have, this pid.
  void add_pid(int pid) { pids_.insert(pid); }
  /// Also what is in this pod, which has appeared since.
  void add_pod(const std::string& uid) { options_.pod_uids.push_back(uid); }
  /// It has joined: whoever gets its pid later is another process.
  void forget_pid(int pid) { pids_.erase(pid); }
  /// All that --pid named was looked for; without --wait none of them is matched any more.
  void seal() {
    if (!options_.wait) pids_.clear();
  }

 private:
  bool name_matches(const Process& process) const;
  using Patterns = std::vector<std::unique_ptr<re2::RE2>>;
  explicit Targets(TargetOptions options);
  static Result<void> compile(std::string_view option, const std::vector<std::string>& words, Patterns& patterns);
  TargetOptions options_;
  std::set<int> pids_;
  int left_out_ = 0;
  std::set<std::int64_t> uids_;
  Patterns names_, cmdlines_;
};

}  // namespace stapkill
