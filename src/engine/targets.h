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

/// What to watch, as the command line gives it. A process is a target when it matches any of these.
struct TargetOptions {
  std::vector<int> pids;
  std::vector<std::string> names;          ///< regular expressions over comm (RE2: linear time, whatever the pattern)
  std::vector<std::string> exes;           ///< absolute paths
  std::vector<std::string> cmdlines;       ///< regular expressions over argv with a space between its words
  std::vector<std::string> uids;           ///< decimal
  std::vector<std::string> cgroups;        ///< paths from the hierarchy's root; cgroups below match too
  std::vector<std::string> units;          ///< with their suffix
  std::vector<std::string> containers;     ///< as they were asked for
  std::vector<std::string> pods;           ///< as they were asked for
  std::vector<std::string> container_ids;  ///< what `containers` resolved to: ids or their first digits
  std::vector<std::string> pod_uids;       ///< what `pods` resolved to
  bool all = false, children = false, wait = false;
  std::vector<std::string> command;
};

/// One way to name processes by what they are; its name in options, session records and recordings.
struct PatternKind {
  std::string_view name;
  std::vector<std::string> TargetOptions::*values;
  bool matches;  ///< processes are matched with it; else it only records what was asked for
};

/// All of them.
std::span<const PatternKind> pattern_kinds();

/// Whether any pattern is given that a process can match.
bool has_patterns(const TargetOptions& options);

/// Whether containers or pods are among them.
bool asks_for_containers(const TargetOptions& options);

/// Whether a process runs that program, even if the file was deleted since.
bool runs(const Process& process, std::string_view exe);

/// Every target by its option's name, with its values, for session records and recordings.
std::vector<std::pair<std::string, std::vector<std::string>>> described(const TargetOptions& options);

/// Decides which processes match the options.
class Targets {
 public:
  /// Fails with a usage error on a pattern that is not a regular expression, and shows where.
  static Result<Targets> make(TargetOptions options);
  Targets(Targets&&) noexcept;
  Targets& operator=(Targets&&) noexcept;
  ~Targets();

  const TargetOptions& options() const { return options_; }
  /// Whether the kernel can filter by pid; else it must report everything and matches() filters.
  bool by_pid() const { return !options_.all && !has_patterns(options_); }
  /// Whether the options name a process, as it is now.
  bool matches(const Process& process) const;
  /// The same without containers, pods, units and cgroups.
  bool matches_itself(const Process& process) const;
  /// The units and cgroups that it is in, of those asked for, as they were given.
  std::vector<std::string> places_of(const Process& process) const;
  /// The innermost of its containers that was asked for, by itself or through its pod.
  std::optional<Container> container_asked_for(const Process& process) const;
  /// No pattern matches this process: stapkill, which has the patterns in its own command line. --pid and --all do.
  void leave_out(int pid);
  /// Also the process that has, or (with --wait) will have, this pid.
  void add_pid(int pid) { pids_.insert(pid); }
  /// Also processes of this pod, which has appeared since.
  void add_pod(const std::string& uid);
  /// Also processes of this container, whose name was asked for.
  void add_container(const std::string& id);
  /// Call when it has joined: a later process with its pid is another one.
  void forget_pid(int pid) { pids_.erase(pid); }
  /// Call when all pids of --pid were looked for: without --wait they match nothing later.
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
