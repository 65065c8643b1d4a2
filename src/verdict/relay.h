#pragma once

#include "verdict/clues.h"
#include "verdict/process_words.h"

namespace stapkill {

/// What made a process send a signal: the one that it had been sent itself right before, as sudo, timeout, tini, a
/// shell and a supervisor pass on what they are sent.
struct Relay {
  const SignalRecord* signal = nullptr;
  bool certain = false;  ///< it is known to pass signals on, or passed on the very same; else only near in time
};

/// None where the sender of `signal` had been sent nothing right before, or nothing is known of it.
std::optional<Relay> relay_of(const SignalRecord& signal, const Surroundings& around);

/// What made a service manager stop a unit: the out-of-memory killer's choice of another process of it right before
/// (systemd.service(5), OOMPolicy=). Null where the sender is none, or nothing of the kind was seen.
const OomMark* oom_before_stop(const Clues& clues);

/// Longest way back from one that passes on to the next.
inline constexpr int kMostRelays = 4;

}  // namespace stapkill
