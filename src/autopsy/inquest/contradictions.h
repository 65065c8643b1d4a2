#pragma once

#include <string>
#include <vector>

#include "autopsy/inquest/death.h"

namespace stapkill {

/// What sources of a complete death say against each other, a sentence each: two ends that differ, a runtime's
/// OOMKilled beside a kernel's log without an out-of-memory report, a signal beside the kernel's killer.
std::vector<Phrase> contradictions_in(const FoundDeath& death, const Evidence& evidence);

/// Whether two sources show different ends of it: then no verdict is certain.
bool speaks_against(const FoundDeath& death);

}  // namespace stapkill
