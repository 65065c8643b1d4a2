#pragma once

#include <optional>

#include "autopsy/inquest/death.h"

namespace stapkill {

/// It exited after audit saw a call that sent it a signal that asks to stop: likely, as where the live verdict finds a
/// signal shortly before an exit.
std::optional<Conclusion> by_handled_signal(const FoundDeath& death, const Evidence& evidence);

}  // namespace stapkill
