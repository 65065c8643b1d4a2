#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/targets.h"
#include "host/tools.h"
#include "model/record.h"

namespace stapkill {

/// Finds out which containers and pods --container and --pod mean, and puts their ids and uids into `targets`. What
/// does not exist is an error that says what was tried and what came near, unless it may come later: with --wait, or a
/// whole container id. `warn` gets what is strange, a line each. Returns what is known of the containers beforehand.
/// Takes as long as the runtimes' tools do where these have to be asked: 2 s at the most for each word.
Result<std::vector<ContainerRecord>> find_containers(const Node& node, TargetOptions& targets,
                                                     const std::function<void(const std::string&)>& warn);

}  // namespace stapkill
