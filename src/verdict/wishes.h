#pragma once

#include <optional>
#include <vector>

#include "verdict/history.h"
#include "verdict/rules.h"

namespace stapkill {

/// A signal from outside by which a process that exited had been asked to end.
struct Wish {
  const SignalRecord* signal = nullptr;
  bool certain = false;                 ///< it explains the exit; else it is only near in time
  const SignalRecord* again = nullptr;  ///< the same, sent once more while the first one's handler ran; null: none
};

/// The last that the process let in before its end; none where nobody asked. Who passes on what he was sent himself
/// does not hide the first (relay.h).
std::optional<Wish> wish_of(const Death& death, const SignalHistory& history, const Surroundings& around);

/// The last request to stop that a process's parent had been sent right before the process ended; null: none was seen.
/// It is only near in time: parents tell their children in other ways than signals, too (nginx, by a socket).
const SignalRecord* wish_of_parent(const Death& death, const Surroundings& around);

/// The request that came before a SIGKILL, within a grace period: also one that did nothing. Null: none.
const SignalRecord* asked_before_kill(const SignalHistory& history, const SignalRecord& kill);

/// Why a signal did nothing: ", which was dropped: pid 1 of its container has no handler for it"; "" where it did.
std::string why_without_effect(const SignalRecord& signal, int own_pid);

}  // namespace stapkill
