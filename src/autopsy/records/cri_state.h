#pragma once

#include <vector>

#include "autopsy/records/container_state.h"
#include "autopsy/scope.h"

namespace stapkill {

/// What `crictl inspect` says of a container (cri-tools 1.29, cmd/crictl/container.go, marshalContainerStatus). Empty
/// where it is none.
std::vector<ContainerState> crictl_states(const nlohmann::json& inspected);

/// What containerd's CRI plugin keeps of a container in the file "status" (containerd 1.6 to 2.0,
/// internal/cri/store/container/status.go, version "v1"). Empty where it is none, or did not end.
std::vector<ContainerState> containerd_states(const nlohmann::json& status);

/// Containers of the CRI plugin of containerd, also of k3s, RKE2 and MicroK8s, with the kubelet's names for them.
void read_containerd(const Scope& scope, Reading& reading);

}  // namespace stapkill
