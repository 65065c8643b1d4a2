#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/container_tracker.h"
#include "engine/machine.h"
#include "engine/roster.h"
#include "model/record.h"
#include "verdict/lineage.h"

namespace stapkill {

/// Containers and pods that were asked for: which of them have watched processes, and their records.
class ContainerWatch {
 public:
  /// `known`: what runtimes say about them, `present` or `ended`.
  ContainerWatch(Machine& machine, std::vector<ContainerRecord> known) : machine_(machine), known_(std::move(known)) {}

  /// Call when a watched process may have entered a container or left one; returns the records, none before `present`.
  std::vector<ContainerRecord> enter(Roster::Watched& watched, const ProcessPtr& process, const Targets& targets,
                                     Time now);
  /// Call when it has left its container.
  std::optional<ContainerRecord> leave(Roster::Watched& watched, const ProcessPtr& process, Time now);

  /// Call when the watch begins. Containers with processes, each with its eldest; then ended ones, unless one of the
  /// same name lives.
  std::vector<ContainerRecord> present(const Roster& roster, Lineage& lineage, Time now);

  /// The uid of the process's pod, if that pod is new and has one of the names in `asked` ("[NAMESPACE/]NAME"). A
  /// StatefulSet's pod that was created again has the same name and another uid.
  std::optional<std::string> new_pod_of(const Process& process, const std::vector<std::string>& asked);

  std::uint64_t restarts() const { return tracker_.restarts(); }

 private:
  ContainerRecord record(ContainerRecord::What what, const Container& container, ProcessPtr process, Time now) const;
  ContainerTracker::Run run_of(const Container& container);

  Machine& machine_;
  std::vector<ContainerRecord> known_;
  ContainerTracker tracker_;
  std::map<std::string, PodRuns> runs_;           ///< of watched pods, by uid, as last seen
  std::set<std::string> pods_seen_;               ///< uids of pods whose names were looked up
  std::map<std::string, std::string> pod_names_;  ///< of pods that came during the watch, by uid: "NAMESPACE/NAME"
  bool begun_ = false;                            ///< `present` was called
};

}  // namespace stapkill
