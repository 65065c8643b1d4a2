#pragma once

#include "autopsy/records/core_notes.h"

namespace stapkill {

/// What an open core says, which may be compressed: of that, the first 4 MiB are unpacked.
Result<CoreFacts> core_facts(int file, bool compressed);

}  // namespace stapkill
