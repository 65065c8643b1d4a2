#pragma once

#include <vector>

#include "autopsy/inquest/death.h"
#include "host/remedies.h"

namespace stapkill {

/// What to switch on so that the next such death is explained, the best first; for this distribution. `death` is null
/// where none was found.
std::vector<Remedy> next_time(const FoundDeath* death, const Evidence& evidence, const Distribution& distribution);

}  // namespace stapkill
