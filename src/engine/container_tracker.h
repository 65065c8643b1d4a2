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

/// Which containers have watched processes, and how often one was started again: with the same id (docker restart), or
/// as another container of a pod (Kubernetes gives each start an id of its own): one that the kubelet calls so, else
/// one that comes when another had ended. Its memory is bounded: of the containers that ended the oldest are forgotten
/// when there are more than kMostEnded.
class ContainerTracker {
 public:
  static constexpr std::size_t kMostEnded = 256;

  enum class Change { none, started, restarted, ended };

  /// What the kubelet's directory says of the start of a pod's container; nothing where it says nothing.
  struct Run {
    std::optional<bool> again;
    std::string name;
  };

  /// A watched process is in that container now: `started` or `restarted` for the container's first one. Only then
  /// `ask` is asked.
  Change joined(
      const Container& container, ProcessKey process, const std::function<Run()>& ask = [] { return Run{}; });

  /// A process has ended: `ended` for the last one of its container.
  Change left(const Container& container, ProcessKey process);

  /// Whether one of the processes that joined has not left.
  bool lives(const Container& container) const;

  /// Whether the container lives for that process: the first that joined.
  bool is_main(const Container& container, ProcessKey process) const;

  /// As the kubelet's directory called it when it started; "" when it did not.
  std::string name_of(const Container& container) const;

  /// Since the watch began, of all and of one's pod or, outside a pod, its own.
  std::uint64_t restarts() const { return restarts_; }
  std::uint64_t restarts(const Container& container) const;

 private:
  struct State {
    std::set<ProcessKey> living;
    ProcessKey main;
    std::string name;
    std::uint64_t ended = 0;  ///< which end it was; 0 while it lives
  };
  /// What is counted together: a pod, or a container outside of pods.
  struct Group {
    std::uint64_t restarts = 0;
    std::uint64_t gone = 0;  ///< containers that ended and were not followed by another
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
