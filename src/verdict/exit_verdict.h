#pragma once

#include "verdict/history.h"
#include "verdict/rules.h"

namespace stapkill {

/// Why a process exited: it took a signal that asked it to end, or it ended by itself (docs/causes.md). The summary has
/// no end yet: others may add to it (verdict.cpp).
Verdict judge_exit(const Death& death, const SignalHistory& history, const Surroundings& around);

/// The same for exit status 0 where nothing else was seen, for little time.
Verdict brief_end(const Process& process);

}  // namespace stapkill
