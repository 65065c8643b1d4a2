#pragma once

#include <memory>

#include "engine/machine.h"
#include "host/tools.h"

namespace stapkill {

/// This machine; the kubelet's directories below `node.root`.
std::unique_ptr<Machine> live_machine(const Node& node = {});

}  // namespace stapkill
