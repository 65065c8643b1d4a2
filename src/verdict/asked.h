#pragma once

#include "model/record.h"
#include "verdict/clues.h"

namespace stapkill {

/// Adds who asked the manager that ended a process (requests.h): to the beginning of the chain, to the sentence and to
/// the evidence. Nothing where no manager acted, or nobody was seen to ask it.
void add_who_asked(Verdict& verdict, const Death& death, const Surroundings& around);

}  // namespace stapkill
