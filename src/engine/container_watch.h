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

/// The containers and pods that were asked for: which of them have watched processes, and the records that say so.
class ContainerWatch {
 public:
  /// `known`: what runtimes say of those asked for, `present` or `ended`.
  ContainerWatch(Machine& machine, std::vector<ContainerRecord> known) : machine_(machine), known_(std::move(known)) {}

  /// A watched process may be in a container now, and in another one no longer; the records of that, once `present`
  /// was called.
  std::vector<ContainerRecord> enter(Roster::Watched& watched, const ProcessPtr& process, const Targets& targets,
                                     Time now);
  /// It is in its container no longer.
  std::optional<ContainerRecord> leave(Roster::Watched& watched, const ProcessPtr& process, Time now);

  /// The watch begins: those that have processes, with the eldest of these; then those that had ended and of whose name
  /// none lives.
  std::vector<ContainerRecord> present(const Roster& roster, Lineage& lineage, Time now);

  /// The uid of the process's pod where it is looked up for the first time and has one of the names that were asked for
  /// ("[NAMESPACE/]NAME"). A pod that was made again has the same name where a StatefulSet makes it, and another uid.
  std::optional<std::string> new_pod_of(const Process& process, const std::vector<std::string>& asked);

  std::uint64_t restarts() const { return tracker_.restarts(); }

 private:
  ContainerRecord record(ContainerRecord::What what, const Container& container, ProcessPtr process, Time now) const;
  ContainerTracker::Run run_of(const Container& container);

  Machine& machine_;
  std::vector<ContainerRecord> known_;
  ContainerTracker tracker_;
  std::map<std::string, PodRuns> runs_;  ///< of the pods that are watched, by uid, as last seen
  std::set<std::string> pods_seen_;      ///< uids of pods whose names were looked up
  bool begun_ = false;                   ///< `present` was called
};

}  // namespace stapkill
