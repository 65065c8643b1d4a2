#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "host/tools.h"
#include "model/containers.h"

namespace stapkill {

/// A pod of Kubernetes on this node.
struct Pod {
  std::string name_space, name;
  /// As in container_of(). More than one where a pod of that name was created again (by a StatefulSet) and files of the
  /// old one are still here.
  std::vector<std::string> uids;
  std::vector<std::string> containers;  ///< their names, from the kubelet's directory
};

/// A directory of the kubelet in /var/log/pods: NAMESPACE_NAME_UID (kubernetes, pkg/kubelet/kuberuntime/helpers.go); no
/// name has a '_'.
struct PodDirectory {
  std::string name_space, name;
  std::string uid;  ///< canonical
};

/// The parts of such a directory's name; none where it is no such name.
std::optional<PodDirectory> pod_directory(std::string_view name);

/// N of "N.log". A rotated log has a time after its name, and N.log is made again.
std::optional<std::int64_t> run_of_log(std::string_view file);

/// Which pod "[NAMESPACE/]NAME" means: by the kubelet's directories (/var/log/pods/NAMESPACE_NAME_UID), else by `crictl
/// pods`. Needs the whole name, as kubectl does: its first letters would mean another pod after the next rollout.
/// Without a namespace, the pod of that name in any.
///
/// Errors: "pod.unknown", ErrorKind::not_found (with what was tried, and the names that are near), "pod.ambiguous"
/// (lists the namespaces), ErrorKind::usage for an impossible name.
Result<Pod> find_pod(const Node& node, const std::string& word);

/// "NAMESPACE/NAME" of the pod with that uid (canonical, pod_uid()), only from the kubelet's directories: they are made
/// before the pod's first container. None where it has no directory.
std::optional<std::string> pod_name_of(const Node& node, std::string_view uid);

/// "NAMESPACE/NAME" of every pod that the kubelet has a directory for.
std::vector<std::string> known_pods(const Node& node);

/// Restarts by container of the pod with that uid (canonical, pod_uid()): the greatest N among
/// /var/log/pods/NAMESPACE_NAME_UID/CONTAINER/N.log (kubernetes, pkg/kubelet/kuberuntime/helpers.go: N is the number of
/// restarts). containerd and CRI-O make the file before the container's first process. Empty where the kubelet has no
/// directory for it.
PodRuns pod_runs(const Node& node, std::string_view uid);

/// A container of a pod, as the runtime reports it.
struct PodContainer {
  std::string name, id;
  std::string state;                      ///< "CONTAINER_RUNNING", "CONTAINER_EXITED", …
  std::int64_t restart = 0;               ///< how many of that name came before it
  std::optional<std::int64_t> exit_code;  ///< only of an ended one
  std::string reason;                     ///< of its end, by the runtime: "OOMKilled", "Error"
  std::string finished;                   ///< when it ended, RFC 3339
};

struct PodStatus {
  std::vector<PodContainer> containers;  ///< by name, the last start first
  Phrase why;                            ///< why not all is known; "" when all is
};

/// The state of a pod's containers, from crictl; exit codes only of the 16 that ended last.
PodStatus pod_status(const Node& node, const Pod& pod);

}  // namespace stapkill
