#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "autopsy/finding.h"
#include "autopsy/records/container_state.h"

namespace stapkill {

// What the Kubernetes API says, from a text or from JSON: the same words in both.

/// One `terminated` state of a container (kubernetes 1.28, staging/src/k8s.io/api/core/v1, ContainerStateTerminated).
struct Terminated {
  std::string reason, message;
  std::optional<int> exit_code;
  int signal = 0;
  Time finished = 0;
};

/// Adds what it says. The kubelet makes up "ContainerStatusUnknown" with 137 for a container that it lost (pkg/kubelet,
/// kubelet_pods.go): no status then.
void take_terminated(const Terminated& end, ContainerState& state);

/// The id in "containerd://ID"; "" where it is none.
std::string id_of_url(std::string_view url);

/// A pod's own reason: a `kubelet_kill` for those by which the kubelet ends all its containers, else a `note`; none
/// without a reason.
std::optional<Finding> pod_reason(const Party& pod, std::string_view reason, std::string_view message);

/// An event (kubernetes, core/v1, Event).
struct KubeEvent {
  std::string type, reason, message;
  std::string component;  ///< "kubelet", "default-scheduler", …
  std::string age;        ///< as kubectl prints it: before an unknown time; "": `time` has it
  Time time = 0;
  Party party;
};

/// What an event says of an end, if it does.
std::optional<Finding> event_finding(const KubeEvent& event);

/// `kubectl get pod|events -o json`: an object, or a List of them. None where it is something else.
std::optional<std::vector<Finding>> kube_json(const nlohmann::json& whole, const std::string& place);

/// The text of `kubectl describe pod`, of one or more pods (kubectl 1.28, pkg/describe/describe.go). None where it is
/// something else.
std::optional<std::vector<Finding>> kube_description(std::string_view text, const std::string& place);

}  // namespace stapkill
