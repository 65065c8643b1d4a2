#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "autopsy/finding.h"
#include "base/json_member.h"

namespace stapkill {

/// What a runtime's or the kubelet's state says of a container's last end.
struct ContainerState {
  std::string source;   ///< "docker", "containerd", "cri-o", "podman", "kubelet"; "" where the text does not say
  std::string through;  ///< as in Finding; "": the source
  Party party;
  bool ended = false;
  Time finished = 0, doubt = 0;  ///< 0: not known
  std::optional<int> status;     ///< 128 + N for an end by signal N, by every runtime's rule
  int signal = 0;
  std::string reason;               ///< of the end
  std::vector<std::string> claims;  ///< other words of the runtime on it, one finding each
  std::vector<std::string> notes;   ///< the same, for context
  std::string place, quote;
};

/// Adds a `container_end` where it ended, with a status, a signal or a time, a `claim` for each claim and a `note` for
/// each note.
void add_state(const ContainerState& state, std::vector<Finding>& findings);

/// What "OOMKilled" of a runtime means, in words: it is about any process of the container, or of its cgroup.
std::string oom_claim(std::string_view runtime);

/// Sets container_name, pod and pod_uid from the labels that the kubelet gives a container (kubernetes,
/// staging/src/k8s.io/kubelet/pkg/types/labels.go).
void take_kube_labels(const nlohmann::json& labels, Party& party);

/// "NAMESPACE/NAME"; "" where one is missing.
std::string pod_path(std::string_view name_space, std::string_view name);

/// Adds one more reason to a text.
void add_reason(std::string& all, std::string_view one);

}  // namespace stapkill
