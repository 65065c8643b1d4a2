#pragma once

#include "model/record.h"
#include "verdict/clues.h"

namespace stapkill {

/// Adds why systemd ended a process of a unit, as it wrote in its journal: a time limit, a watchdog, memory. The chain
/// gets the limit before systemd's signal. True where it acted by its own rules: nobody asked it to.
bool add_managers_word(Verdict& verdict, const Surroundings& around);

}  // namespace stapkill
