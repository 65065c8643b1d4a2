#pragma once

#include <optional>
#include <vector>

#include "base/phrase.h"
#include "verdict/history.h"
#include "verdict/rules.h"

namespace stapkill {

/// A signal from outside that asked a process to end, before it exited.
struct Wish {
  const SignalRecord* signal = nullptr;
  bool certain = false;                 ///< it explains the exit; else it only came shortly before
  const SignalRecord* again = nullptr;  ///< the same, sent once more while the first one's handler ran; null: none
};

/// The last one that the process took before its end; none where nobody asked. Senders that only passed it on do not
/// hide the first one (relay.h).
std::optional<Wish> wish_of(const Death& death, const SignalHistory& history, const Surroundings& around);

/// The last request to stop to a process's parent, right before the process ended; null: none was seen. Only near in
/// time: parents also stop children without signals (nginx, by a socket).
const SignalRecord* wish_of_parent(const Death& death, const Surroundings& around);

/// The request before a SIGKILL, within a grace period, even without effect. Null: none.
const SignalRecord* asked_before_kill(const SignalHistory& history, const SignalRecord& kill);

/// Why a signal had no effect: ", which was dropped: it is pid 1 of its container …"; "" where it had one.
Phrase why_without_effect(const SignalRecord& signal, int own_pid);

}  // namespace stapkill
