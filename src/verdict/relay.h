#pragma once

#include "verdict/clues.h"
#include "verdict/process_words.h"

namespace stapkill {

/// The signal that made a process send one: sudo, timeout, tini, shells and supervisors pass on what they are sent.
struct Relay {
  const SignalRecord* signal = nullptr;
  bool certain = false;  ///< it is known to pass signals on, or sent the same number; else only near in time
};

/// None where the sender of `signal` was sent nothing right before, or that is not known.
std::optional<Relay> relay_of(const SignalRecord& signal, const Surroundings& around);

/// What made a service manager stop a unit: the out-of-memory killer's choice of another process of it right before
/// (systemd.service(5), OOMPolicy=). Null where the sender is no service manager, or no such choice was seen.
const OomMark* oom_before_stop(const Clues& clues);

/// Most signals followed back from one relay to the next.
inline constexpr int kMostRelays = 4;

}  // namespace stapkill
