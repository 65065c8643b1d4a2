#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "event/process.h"
#include "sys/result.h"

namespace re2 {
class RE2;
}

namespace stapkill {

/// Whom to watch, as the command line says it. A process is a target when it matches any of these.
struct TargetOptions {
  std::vector<int> pids;
  std::vector<std::string> names;  ///< regular expressions over comm (RE2: linear time, whatever the pattern)
  bool all = false, children = false, wait = false;
  std::vector<std::string> command;
};

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
  bool by_pid() const { return !options_.all && patterns_.empty(); }
  /// Whether a process is named by the options, as it is now.
  bool matches(const Process& process) const;
  /// Also the process that has, or (with --wait) will have, this pid.
  void add_pid(int pid) { pids_.insert(pid); }
  /// It has joined: whoever gets its pid later is another process.
  void forget_pid(int pid) { pids_.erase(pid); }
  /// All that --pid named was looked for; without --wait none of them is matched any more.
  void seal() {
    if (!options_.wait) pids_.clear();
  }

 private:
  explicit Targets(TargetOptions options);
  TargetOptions options_;
  std::set<int> pids_;
  std::vector<std::unique_ptr<re2::RE2>> patterns_;
};

}  // namespace stapkill
