#pragma once

#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "model/record.h"

namespace stapkill {

/// What a watched process has been sent. For each signal number the one that ended it, if it ended by that number; and
/// what came before, for the evidence. Its memory is bounded: 64 numbers, and kMostEarlier records.
class SignalHistory {
 public:
  static constexpr std::size_t kMostEarlier = 16;
  static constexpr std::size_t kMostRequests = 8;

  struct Past {
    SignalRecord record;
    /// Another of the same number that could have been taken first: which of the two ended the process is not certain.
    std::optional<SignalRecord> rival;
    /// Of one that the process raised itself, or that followed because a handler could not be started: the one of the
    /// same number that came before it, from outside or from the CPU, and was let in to a handler.
    std::optional<SignalRecord> taken;
  };

  /// One that is not printed has no number in the stream.
  void add(SignalRecord record, bool printed);
  /// The last of that number that had an effect: a repeat of a pending signal adds nothing (legacy_queue), and of two
  /// that both wait the kernel takes the one first that a thread was sent, else the one that came first
  /// (kernel/signal.c, dequeue_signal).
  const Past* last(int number) const;
  /// One of that number that found another waiting which was not seen: that other one is what the process gets. Null
  /// where there is none.
  const SignalRecord* repeat_of_unseen(int number) const;
  /// The call of a signal's sender has returned: the same record with its result.
  void returned(const SignalRecord& record);
  /// The last of those that do something to a process which does not ask for them, oldest first; also those that it
  /// ignored. What comes again and again does not push out what came once.
  const std::deque<SignalRecord>& earlier() const { return earlier_; }
  /// The last of those from outside that the process could take as a request to end, oldest first: what went to a
  /// handler, was waited for (sigwait(3)), or was blocked and may be read (signalfd(2)).
  const std::deque<SignalRecord>& requests() const { return requests_; }
  /// So many more came.
  std::size_t forgotten() const { return forgotten_; }
  bool empty() const { return by_number_.empty() && earlier_.empty(); }

 private:
  void add_effective(const SignalRecord& record);

  std::map<int, Past> by_number_;
  std::map<int, SignalRecord> repeats_;
  std::deque<SignalRecord> earlier_, requests_;
  std::size_t forgotten_ = 0;
};

}  // namespace stapkill
