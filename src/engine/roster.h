#pragma once

#include <map>
#include <optional>
#include <string>

#include "engine/targets.h"
#include "model/containers.h"
#include "model/process.h"
#include "verdict/history.h"
#include "verdict/lineage.h"

namespace stapkill {

/// Who is watched, and why: what has joined stays until it ends. Also which process each unit and cgroup that was asked
/// for lives for, its main process.
class Roster {
 public:
  struct Watched {
    SignalHistory history;
    bool named = false;                  ///< by the options, not as somebody's child
    bool named_directly = false;         ///< not only as one of a container's, a unit's or a cgroup's
    bool inherited = false;              ///< named by what it has from its parent: it has run no exec yet
    std::optional<Container> container;  ///< the one that was asked for
    bool was_main = false;               ///< has ended, and was what its container, unit or cgroup lived for
    bool from_birth = false;             ///< has joined while the watch was armed
  };
  using All = std::map<ProcessKey, Watched>;

  explicit Roster(Targets targets) : targets_(std::move(targets)) {}

  Targets& targets() { return targets_; }
  const Targets& targets() const { return targets_; }
  const TargetOptions& options() const { return targets_.options(); }

  const All& all() const { return watched_; }
  /// null: not watched. Valid until it leaves.
  Watched* find(const ProcessKey& key);
  bool has(const ProcessKey& key) const { return watched_.count(key) > 0; }
  bool has_pid(int pid) const;

  /// It is watched from now on; null when it was already. `named`: by the options.
  Watched* join(const Process& process, bool named, bool from_birth);
  /// What it has become can be another reason to watch it.
  void look_again(Watched& watched, const Process& process);
  void leave(const ProcessKey& key) { watched_.erase(key); }

  /// That pid of --pid is the process that started then; another one that is given the pid is not meant.
  void expect(const ProcessKey& key) { expected_[key.pid] = key.start; }
  void expect_no_more() { expected_.clear(); }
  bool is_expected(const Process& process) const;

  /// Whether a unit or a cgroup lives for that process.
  bool is_main(const ProcessKey& key) const;
  /// Has ended: its units and cgroups live for another one now. A service that forks into the background lives on in
  /// its child: what it began with exits with 0 and leaves others.
  void leave_places(Watched& watched, const DeathRecord& death, const Lineage& lineage);

 private:
  void enter_places(const Process& process);
  std::optional<ProcessKey> eldest_of(const std::string& place, const Lineage& lineage) const;

  Targets targets_;
  All watched_;
  std::map<int, std::uint64_t> expected_;    ///< by pid: the start of what --pid named
  std::map<std::string, ProcessKey> mains_;  ///< of the units and cgroups that were asked for
};

/// The words by which the lineage knows a process.
kernel::Task task_of(const ProcessKey& key);

/// In a container come and go processes that nobody asked for by themselves: probes, jobs of a shell. One of those that
/// exits by itself is not what --until-death waits for.
bool ends_what_is_awaited(const Roster::Watched& watched, int wait_status);

}  // namespace stapkill
