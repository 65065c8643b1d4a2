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

/// The watched processes, and why each is watched. A process that joined stays until it ends. Also knows the main
/// process of each unit and cgroup that was asked for.
class Roster {
 public:
  struct Watched {
    SignalHistory history;
    bool named = false;                  ///< by the options, not as a target's child
    bool named_directly = false;         ///< not only as a member of a container, unit or cgroup
    bool inherited = false;              ///< named by what it inherited: it has run no exec yet
    std::optional<Container> container;  ///< the one that was asked for
    bool was_main = false;               ///< has ended, and was the main process of its container, unit or cgroup
    bool from_birth = false;             ///< joined while the watch was armed
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

  /// Watches it from now on; null when it was watched already. `named`: by the options.
  Watched* join(const Process& process, bool named, bool from_birth);
  /// Call after a change: it may now match for another reason.
  void look_again(Watched& watched, const Process& process);
  void leave(const ProcessKey& key) { watched_.erase(key); }

  /// A pid of --pid means the process that started then, not a later one with the same pid.
  void expect(const ProcessKey& key) { expected_[key.pid] = key.start; }
  void expect_no_more() { expected_.clear(); }
  bool is_expected(const Process& process) const;

  /// Whether it is the main process of a unit or a cgroup.
  bool is_main(const ProcessKey& key) const;
  /// It has ended: its units and cgroups get another main process. A service that forks into the background goes on in
  /// its child: its first process exits with 0 and leaves others.
  void leave_places(Watched& watched, const DeathRecord& death, const Lineage& lineage);

 private:
  void enter_places(const Process& process);
  std::optional<ProcessKey> eldest_of(const std::string& place, const Lineage& lineage) const;

  Targets targets_;
  All watched_;
  std::map<int, std::uint64_t> expected_;    ///< by pid: the start of what --pid named
  std::map<std::string, ProcessKey> mains_;  ///< by unit or cgroup that was asked for
};

/// A task by which the lineage finds a process.
kernel::Task task_of(const ProcessKey& key);

/// Whether --until-death may end with this process. Processes come and go in a container that nobody asked for: probes,
/// a shell's jobs. One of these that exits by itself does not count.
bool ends_what_is_awaited(const Roster::Watched& watched, int wait_status);

}  // namespace stapkill
