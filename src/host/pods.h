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
  /// As container_of() tells them of its processes. More than one where a pod of that name was made anew (a
  /// StatefulSet's) and the old one's remains are still here.
  std::vector<std::string> uids;
  std::vector<std::string> containers;  ///< their names, where the kubelet's directory tells them
};

/// Which pod "[NAMESPACE/]NAME" means: by the kubelet's directories (/var/log/pods/NAMESPACE_NAME_UID), else by what
/// `crictl pods` lists. The whole name, as kubectl wants it: the first letters of one would mean another pod after the
/// next rollout. Without a namespace, the pod of that name in any.
///
/// Errors: "pod.unknown", ErrorKind::not_found (with what was tried, and the names that are near), "pod.ambiguous"
/// (lists the namespaces), ErrorKind::usage for what can be no pod's name.
Result<Pod> find_pod(const Node& node, const std::string& word);

/// "NAMESPACE/NAME" of the pod with that uid (canonical, pod_uid()), by the kubelet's directories alone: they are made
/// before the pod's first container. None where there is none of it.
std::optional<std::string> pod_name_of(const Node& node, std::string_view uid);

/// "NAMESPACE/NAME" of every pod that the kubelet has a directory for.
std::vector<std::string> known_pods(const Node& node);

/// Of the pod with that uid (canonical, pod_uid()): the greatest N among
/// /var/log/pods/NAMESPACE_NAME_UID/CONTAINER/N.log (kubernetes, pkg/kubelet/kuberuntime/helpers.go: N is the number of
/// restarts). containerd and CRI-O make the file before the container's first process. Empty where the kubelet has no
/// directory for it.
PodRuns pod_runs(const Node& node, std::string_view uid);

/// A container of a pod, as the runtime tells it.
struct PodContainer {
  std::string name, id;
  std::string state;                      ///< "CONTAINER_RUNNING", "CONTAINER_EXITED", …
  std::int64_t restart = 0;               ///< how many of that name were before it
  std::optional<std::int64_t> exit_code;  ///< of one that has ended
  std::string reason;                     ///< of its end, as the runtime gives it: "OOMKilled", "Error"
  std::string finished;                   ///< when it ended, RFC 3339
};

struct PodStatus {
  std::vector<PodContainer> containers;  ///< by name, the last start first
  std::string why;                       ///< why nothing, or not all, is known; "" when all is
};

/// What became of a pod's containers, asked of crictl; at most the 16 last that ended are asked for their exit codes.
PodStatus pod_status(const Node& node, const Pod& pod);

}  // namespace stapkill
