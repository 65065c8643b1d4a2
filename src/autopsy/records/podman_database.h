#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "autopsy/records/container_state.h"
#include "autopsy/records/state_files.h"

namespace stapkill {

/// What podman's database keeps of a container: the JSON of ContainerState (podman 4.8 and 5, libpod/container.go).
std::vector<ContainerState> podman_states(const nlohmann::json& state, std::string_view id, std::string_view name);

/// Containers in podman's db.sql (podman 4.8, libpod/sqlite_state_internal.go), which is only read, and believed in
/// nothing. An older podman's bolt_state.db is not read.
void read_podman_database(StateFiles& files, const std::string& path);

}  // namespace stapkill
