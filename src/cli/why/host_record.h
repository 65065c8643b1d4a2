#pragma once

#include "autopsy/inquest/death.h"
#include "store/stored_death.h"

namespace stapkill {

/// A judged death that only the host's own sources show, as a death record with "source" (stapkill-stream(5)).
StoredDeath stored_of(const FoundDeath& death);

}  // namespace stapkill
