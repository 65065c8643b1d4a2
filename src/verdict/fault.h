#pragma once

#include <string>

#include "base/phrase.h"
#include "verdict/clues.h"
#include "verdict/history.h"

namespace stapkill {

/// ": a fault of its own (SEGV_MAPERR) at address 0x10, in server+0x1139": what a CPU fault was and where, or that the
/// stack was used up.
Phrase fault_text(const Clues& clues);

/// Whether the failed access was at the end of a stack that can grow no further: for the first thread by RLIMIT_STACK,
/// for another by its guard page, next to its stack pointer (pthread_attr_setguardsize(3)).
bool used_up_its_stack(const Clues& clues);

/// "; its SIGABRT was dropped before …": pid 1 of a pid namespace that calls abort(3) drops two SIGABRTs without a
/// handler and ends by the fault that follows (pid_namespaces(7); glibc, stdlib/abort.c). "" for any other.
Phrase abort_text(const Death& death, const SignalHistory& history, const SignalRecord& fatal);

}  // namespace stapkill
