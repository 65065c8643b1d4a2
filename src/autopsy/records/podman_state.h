#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "autopsy/finding.h"
#include "autopsy/scope.h"

namespace stapkill {

/// What podman's log of events says: ends of containers, and that podman was asked to stop or kill one (podman
/// 4.3 and 5.0, libpod/events/config.go and logfile.go: a JSON object a line). `name`: for places.
std::vector<Finding> podman_events(std::string_view lines, const std::string& name);

/// Containers of podman, root's and users' own: its log of events and its conmon's exit files.
void read_podman(const Scope& scope, Reading& reading);

}  // namespace stapkill
