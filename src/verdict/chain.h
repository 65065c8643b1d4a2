#pragma once

#include <optional>
#include <vector>

#include "verdict/relay.h"
#include "verdict/rules.h"

namespace stapkill {

/// The steps by which a signal came to the process (`chain` in stapkill-stream(5)): those that its sender passed on
/// first, then the signal, as the rule that fits it explains it. Empty where nobody asked: a fault, a timer of its own,
/// a limit of its own doing.
std::vector<ChainStep> chain_of(const Rule& rule, const Clues& clues);

/// The request that came before a SIGKILL by the same process, or by another child of the same parent, as a runtime
/// sends both; none where the two need not belong together.
std::optional<ChainStep> request_step(const SignalRecord& asked, const SignalRecord& kill);

/// The out-of-memory killer's choice of another process, shortly before `death`.
ChainStep oom_step(const OomMark& mark, const Death& death);

/// The signal that the parent of a process had been sent: what it made of it was not seen.
ChainStep parents_step(const SignalRecord& signal);

/// What the process itself did last: its handler took `taken` and ended the process.
ChainStep handler_step(const SignalRecord& taken, const Death& death, const Surroundings& around);

/// The same, where the handler raised the signal again.
ChainStep raise_step(const SignalRecord& raise);

/// The process of the first step that has one and is not the dead process itself; null where there is none.
ProcessPtr initiator_of(const std::vector<ChainStep>& chain, const Process& dead);

}  // namespace stapkill
