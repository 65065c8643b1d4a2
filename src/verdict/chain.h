#pragma once

#include <optional>
#include <vector>

#include "verdict/relay.h"
#include "verdict/rules.h"

namespace stapkill {

/// The steps that led to a signal (`chain` in stapkill-stream(5)): first what its sender was sent and passed on, then
/// the signal as its rule explains it. Empty where nobody asked: a fault, its own timer, its own limit.
std::vector<ChainStep> chain_of(const Rule& rule, const Clues& clues);

/// The request before a SIGKILL by the same process or by its sibling (a runtime may send them from two children); none
/// where the two may be unrelated.
std::optional<ChainStep> request_step(const SignalRecord& asked, const SignalRecord& kill);

/// The out-of-memory killer's choice of another process, shortly before `death`.
ChainStep oom_step(const OomMark& mark, const Death& death);

/// The signal that a process's parent had been sent; its reaction was not seen.
ChainStep parents_step(const SignalRecord& signal);

/// The process's own last step: its handler took `taken` and ended the process.
ChainStep handler_step(const SignalRecord& taken, const Death& death, const Surroundings& around);

/// The same, where the handler raised the signal again.
ChainStep raise_step(const SignalRecord& raise);

/// The first step's process, skipping steps without one and those of the dead process itself; null: none.
ProcessPtr initiator_of(const std::vector<ChainStep>& chain, const Process& dead);

}  // namespace stapkill
