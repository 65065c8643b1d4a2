#pragma once

#include "verdict/history.h"
#include "verdict/rules.h"

namespace stapkill {

/// Why a process exited: somebody asked for it by a signal that it took, or it did so by itself (docs/causes.md).
Verdict judge_exit(const Death& death, const SignalHistory& history, const Surroundings& around);

}  // namespace stapkill
