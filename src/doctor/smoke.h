#pragma once

#include <memory>

#include "doctor/check.h"

namespace stapkill {

/// Real trials on this machine: compiles into stapkill's cache, loads and unloads. Leaves nothing else.
std::shared_ptr<Smoke> make_smoke();

}  // namespace stapkill
