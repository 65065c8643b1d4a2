#pragma once

#include <vector>

#include "autopsy/records/container_state.h"
#include "autopsy/scope.h"

namespace stapkill {

/// What CRI-O keeps of a container in state.json (CRI-O 1.24 to 1.31, internal/oci/container.go, ContainerState with
/// OCI's State). Empty where it is none.
std::vector<ContainerState> crio_states(const nlohmann::json& state);

/// Takes a container's names from annotations of OCI's config.json or state (CRI-O, internal/factory/container).
void take_crio_names(const nlohmann::json& annotations, Party& party);

/// Containers of CRI-O below /var/lib/containers/storage, and exit files of its conmon.
void read_crio(const Scope& scope, Reading& reading);

}  // namespace stapkill
