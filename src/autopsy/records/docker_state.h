#pragma once

#include <vector>

#include "autopsy/records/container_state.h"
#include "autopsy/records/state_files.h"

namespace stapkill {

/// What a container says of its ends, as config.v2.json, `docker inspect` (moby 20.10 to 29, container/state.go, json
/// of Container) and `podman inspect` (podman 4.3, libpod/define/container_inspect.go) have it. `host_config`:
/// hostconfig.json or the member HostConfig. Empty where it is none.
std::vector<ContainerState> docker_states(const nlohmann::json& container, const nlohmann::json& host_config);

/// Containers of dockerd, from its data: /var/lib/docker, or as daemon.json says; also of a snap's and of users' own.
void read_docker(const Scope& scope, Reading& reading);

}  // namespace stapkill
