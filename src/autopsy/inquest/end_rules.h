#pragma once

#include "autopsy/inquest/rule_parts.h"

namespace stapkill {

/// OOMPolicy=stop: systemd stops what is left of a unit when the kernel has killed a process of it.
Found by_oom_beside(const FoundDeath& death, const Evidence& evidence);

/// It exited.
Found by_exit(const FoundDeath& death, const Evidence& evidence);

/// Its signal has one usual cause.
Found by_usual_cause(const FoundDeath& death, const Evidence& evidence);

/// Always concludes: the cause is not known.
Found unknown(const FoundDeath& death, const Evidence& evidence);

}  // namespace stapkill
