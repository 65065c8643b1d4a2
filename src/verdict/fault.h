#pragma once

#include <string>

#include "verdict/clues.h"
#include "verdict/history.h"

namespace stapkill {

/// ": a fault of its own (SEGV_MAPERR) at address 0x10, in server+0x1139": what a CPU fault was and where. A stack that
/// was used up is named as such.
std::string fault_text(const Clues& clues);

/// Whether the access that failed lay at the end of a stack which can grow no further. Of the first thread by
/// RLIMIT_STACK; of another by its guard page, next to its stack pointer (pthread_attr_setguardsize(3)).
bool used_up_its_stack(const Clues& clues);

/// "; its SIGABRT was dropped before …": pid 1 of a pid namespace that calls abort(3) ends by the fault that comes
/// after two signals which it has no handler for (pid_namespaces(7); glibc, stdlib/abort.c). "" for any other.
std::string abort_text(const Death& death, const SignalHistory& history, const SignalRecord& fatal);

}  // namespace stapkill
