#pragma once

#include <map>
#include <optional>
#include <vector>

#include "event/record.h"

namespace stapkill {

/// What a watched process has been sent: for each signal the last that was generated for it and not thrown away, which
/// is the one that it ended by if it ended by that signal (a repeat of a pending signal adds nothing: FACTS 3.3).
class SignalHistory {
 public:
  struct Past {
    SignalRecord record;
    bool printed = false;  ///< it has a record in the stream
  };

  void add(const SignalRecord& record, bool printed);
  /// The last effective signal of that number.
  const Past* last(int number) const;
  /// All of them, oldest first.
  std::vector<const Past*> all() const;
  bool empty() const { return by_number_.empty(); }
  /// The out-of-memory killer marked that thread as its victim, which it does behind the SIGKILL that it sends to it
  /// (mm/oom_kill.c, __oom_kill_process).
  void mark_oom_victim(int tid);
  bool oom_victim() const { return oom_victim_; }

 private:
  bool oom_victim_ = false;
  std::map<int, Past> by_number_;  // at most 64: one a signal number
};

/// Why a process ended: one verdict from its wait status and what it had been sent. `lost` events before it lower the
/// confidence. Never a guess: what the history does not show is `unknown`.
Verdict judge(const Process& process, int wait_status, const SignalHistory& history, std::uint64_t lost);

/// Which cause a fatal signal stands for: by the system call around it, its si_code and who sent it.
Cause cause_of(const SignalRecord& signal);

}  // namespace stapkill
