#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include "base/phrase.h"
#include "model/record.h"
#include "verdict/clues.h"
#include "verdict/history.h"

namespace stapkill {

/// "19:22:30.123 SIGTERM delivered to a handler: kill(2) = 0 by sh(12), si_code SI_USER, sent by that process".
Phrase evidence_of(const SignalRecord& signal);

/// "kill(2) = 0", or that no call sent it.
Phrase call_text(const SignalRecord& signal);

/// Circumstances of a signal from the kernel: its stack, and the limits that belong to the cause.
std::vector<Phrase> evidence_of_circumstances(Cause cause, const Clues& clues);

/// Adds earlier signals, which did not end the process by themselves. `listed` are in the evidence already.
void add_earlier(Verdict& verdict, const SignalHistory& history, std::initializer_list<const SignalRecord*> listed);

/// Adds how many events were lost around the death; nothing for none.
void add_loss(Verdict& verdict, std::uint64_t lost);

/// Adds the flags of the asker and its ancestors (docs/suspicion.md).
void add_suspicions(Verdict& verdict, const ProcessPtr& asker, const Ancestry& ancestry);

/// Adds the lines of scripts at which the processes of its chain, and those that started them, acted:
/// "/root/cleanup.sh:12: kill -9 "$PID"". Of a script and its subshells the innermost counts.
void add_script_lines(Verdict& verdict);

/// "3 ms", "0.4 s", "600.0 s".
std::string duration_text(Time time);

/// "64.0 MiB".
Phrase size_text(std::uint64_t bytes);

/// The memory cgroup that was at its limit, by its path where that is known: "/docker/4a5b", else by its last name.
std::string limited_cgroup(const Clues& clues);

/// Where the core was written, or why not; "" for a signal without one.
Phrase core_text(const Clues& clues);

}  // namespace stapkill
