#pragma once

#include "autopsy/inquest/rule_parts.h"

namespace stapkill {

/// The kernel names the process that its out-of-memory killer chose.
Found by_oom(const FoundDeath& death, const Evidence& evidence);

/// systemd saw the kernel end a process of the unit for memory.
Found by_oom_word_of_systemd(const FoundDeath& death, const Evidence& evidence);

/// The runtime says OOMKilled, and the kernel's log of that time was not read.
Found by_runtimes_claim(const FoundDeath& death, const Evidence& evidence);

/// systemd-oomd, earlyoom or nohang says that it ended it.
Found by_userspace_oom(const FoundDeath& death, const Evidence& evidence);

}  // namespace stapkill
