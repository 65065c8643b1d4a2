#pragma once

#include "model/record.h"
#include "verdict/history.h"
#include "verdict/rules.h"

namespace stapkill {

/// Why a process ended: one verdict from its wait status, what it had been sent and what was seen around it. Never a
/// guess: what none of the rules can show is `unknown`; what was lost meanwhile lowers the confidence.
Verdict judge(const Death& death, const SignalHistory& history, const Surroundings& around);

/// Whose parents explain the verdict: those of the killer as they were at the signal; null where the lineage has to be
/// asked (no killer, or one that did not send the signal itself).
Ancestry ancestry_of(const Verdict& verdict, int wait_status, const SignalHistory& history, const Surroundings& around);

}  // namespace stapkill
