#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/phrase.h"
#include "engine/targets.h"
#include "host/tools.h"
#include "model/record.h"

namespace stapkill {

/// Finds the containers and pods that --container and --pod name, and puts their ids and uids into `targets`. A missing
/// one is an error that says what was tried and which names are near, unless it may come later: with --wait, or a whole
/// container id. `warn` gets warnings, one line each. Returns what is known of the containers beforehand. May ask the
/// runtimes' tools, which takes at most 2 s for each word.
Result<std::vector<ContainerRecord>> find_containers(const Node& node, TargetOptions& targets,
                                                     const std::function<void(const Phrase&)>& warn);

}  // namespace stapkill
