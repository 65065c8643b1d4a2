#pragma once

#include "model/record.h"
#include "verdict/clues.h"

namespace stapkill {

/// A container whose runtime's shim or monitor was killed is ended by the runtime: adds who killed the shim, to the
/// beginning of the chain and to the sentence. False, and nothing is added, where that is not what happened.
bool add_dead_shim(Verdict& verdict, const Death& death, const Surroundings& around);

}  // namespace stapkill
