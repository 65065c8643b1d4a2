#pragma once

#include "autopsy/inquest/rule_parts.h"

namespace stapkill {

/// Audit names who called kill(2) or the like.
Found by_call(const FoundDeath& death, const Evidence& evidence);

/// A core names the sender, or that the kernel sent the signal.
Found by_core(const FoundDeath& death, const Evidence& evidence);

/// The kernel logged a fault without a handler.
Found by_fault(const FoundDeath& death, const Evidence& evidence);

/// Audit logged that a seccomp filter refused a call.
Found by_seccomp(const FoundDeath& death, const Evidence& evidence);

/// SysRq e or i was used just before.
Found by_sysrq(const FoundDeath& death, const Evidence& evidence);

}  // namespace stapkill
