#pragma once

#include "model/record.h"
#include "verdict/history.h"
#include "verdict/rules.h"

namespace stapkill {

/// Why a process ended: one verdict from its wait status, the signals to it and what was seen around it. Never a guess:
/// what no rule can show is `unknown`; lost events lower the confidence.
Verdict judge(const Death& death, const SignalHistory& history, const Surroundings& around);

/// The killer's ancestors at the moment of the signal. Null where the caller must ask the lineage: no killer, or one
/// that did not send the signal itself.
Ancestry ancestry_of(const Verdict& verdict, int wait_status, const SignalHistory& history, const Surroundings& around);

}  // namespace stapkill
