#pragma once

#include <optional>

#include "autopsy/inquest/death.h"

namespace stapkill {

/// A unit's process was killed, and at that time one process that no source gives a place was killed by that signal:
/// likely it was that one. systemd names the unit there and no pid; the kernel's log before 5.0, and audit, the pid and
/// no unit.
std::optional<Conclusion> by_nearby_kill(const FoundDeath& death, const Evidence& evidence);

}  // namespace stapkill
