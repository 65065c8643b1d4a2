#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "model/containers.h"
#include "model/process.h"

namespace stapkill {

/// Which containers have watched processes, and how often each was restarted: with the same id (docker restart), or as
/// another container of its pod (Kubernetes gives each start a new id). The kubelet's directory decides whether that is
/// a restart; where it says nothing, a container that starts after another of the pod ended is one. Bounded: keeps the
/// latest kMostEnded containers that ended.
class ContainerTracker {
 public:
  static constexpr std::size_t kMostEnded = 256;

  enum class Change { none, started, restarted, ended };

  /// What the kubelet's directory says about the start of a pod's container; empty where it says nothing.
  struct Run {
    std::optional<bool> again;
    std::string name;
  };

  /// A watched process is in that container now: `started` or `restarted` for the container's first one. Calls `ask`
  /// only then.
  Change joined(
      const Container& container, ProcessKey process, const std::function<Run()>& ask = [] { return Run{}; });

  /// A process has ended: `ended` for the last one of its container.
  Change left(const Container& container, ProcessKey process);

  /// Whether one of the processes that joined has not left.
  bool lives(const Container& container) const;

  /// Whether it is the container's main process: the first that joined.
  bool is_main(const Container& container, ProcessKey process) const;

  /// Its name in the kubelet's directory when it started; "" when it had none.
  std::string name_of(const Container& container) const;

  /// Restarts since the watch began: of all containers; of the container's pod or, outside a pod, of the container.
  std::uint64_t restarts() const { return restarts_; }
  std::uint64_t restarts(const Container& container) const;

 private:
  struct State {
    std::set<ProcessKey> living;
    ProcessKey main;
    std::string name;
    std::uint64_t ended = 0;  ///< number of its end, in order; 0 while it lives
  };
  /// Restarts are counted for each pod, and for each container outside of pods.
  struct Group {
    std::uint64_t restarts = 0;
    std::uint64_t gone = 0;  ///< containers that ended and have no successor yet
  };
  static const std::string& group_of(const Container& container) {
    return container.pod_uid.empty() ? container.id : container.pod_uid;
  }
  void forget_old();

  std::map<std::string, State> containers_;  ///< by id
  std::map<std::string, Group> groups_;
  std::map<std::uint64_t, std::string> ended_;  ///< ids, in the order in which they ended
  std::uint64_t restarts_ = 0, ends_ = 0;
};

}  // namespace stapkill
