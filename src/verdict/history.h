#pragma once

#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "model/record.h"

namespace stapkill {

/// The signals to a watched process: for each number the one that would have ended it, and earlier ones for the
/// evidence. Bounded: 64 numbers and kMostEarlier records.
class SignalHistory {
 public:
  static constexpr std::size_t kMostEarlier = 16;
  static constexpr std::size_t kMostRequests = 8;

  struct Past {
    SignalRecord record;
    /// Another of the same number that could have been delivered first: either may have ended the process.
    std::optional<SignalRecord> rival;
    /// If the process raised `record` again, or the kernel did because a handler could not start: the earlier one of
    /// the same number, from outside or from the CPU, that went to the handler.
    std::optional<SignalRecord> taken;
  };

  /// A record that is not printed has no number in the stream.
  void add(SignalRecord record, bool printed);
  /// The last of that number that had an effect. A repeat of a pending signal has none (legacy_queue); of two pending
  /// ones the kernel delivers a thread's first, else the older (kernel/signal.c, dequeue_signal).
  const Past* last(int number) const;
  /// A signal of that number that repeated a pending one which was not seen: the process gets the unseen one. Null:
  /// none.
  const SignalRecord* repeat_of_unseen(int number) const;
  /// More is known of a signal, the result of its sender's call or its frames: the same record with these.
  void completed(const SignalRecord& record);
  /// The latest signals that act on a process by default, oldest first; also ignored ones. A number that repeats does
  /// not push out one that came once.
  const std::deque<SignalRecord>& earlier() const { return earlier_; }
  /// The latest signals from outside that could be requests to end, oldest first: handled, waited for (sigwait(3)), or
  /// blocked and perhaps read (signalfd(2)).
  const std::deque<SignalRecord>& requests() const { return requests_; }
  /// How many more were dropped.
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
