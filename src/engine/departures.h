#pragma once

#include <cassert>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>

#include "model/process.h"
#include "model/record.h"

namespace stapkill {

/// The queue of records that leave. They leave in order: the first that still waits holds up those after it.
class Departures {
 public:
  static constexpr std::size_t kMost = 16384;  ///< when more wait, the first leaves at once

  /// What a death is judged by when it leaves the queue.
  struct Death {
    ProcessKey process;
    Time at = 0;                           ///< boot time of the end itself
    int seccomp = 0;                       ///< its last thread's mode
    int own_pid = 0;                       ///< its pid in its own pid namespace
    std::optional<std::uint64_t> pending;  ///< its signals that were pending, a bit each
  };
  struct Departure {
    Record record;
    Time deadline = 0;           ///< boot time when its wait ends; 0: it is ready
    Time not_before = 0;         ///< boot time before which it never leaves
    std::uint64_t question = 0;  ///< its frames are asked for under this number; 0: none are awaited
    Time answer_by = 0;          ///< boot time up to which it waits for them
    int tid = 0;                 ///< signal: the sender's thread, whose system call has not returned yet
    std::optional<Death> death;  ///< death: judged when it leaves
    bool hidden = false;         ///< filtered out: kept for the verdict only
  };

  void push(Departure one) { queue_.push_back(std::move(one)); }
  /// Inserts it before that process's death, if that waits, else appends it.
  void push_before_death(const ProcessKey& process, Departure one);
  bool has_death(const ProcessKey& process) const;

  /// A sender's thread returned from its system call: calls `complete` for each record that waits for it; these are
  /// then ready.
  void returned(int tid, const std::function<void(SignalRecord&)>& complete);

  /// The record that waits for frames under this number; it waits for them no longer. Null: none does.
  Record* framed(std::uint64_t question);

  bool empty() const { return queue_.empty(); }
  Departure& front() {
    assert(!queue_.empty());
    return queue_.front();
  }
  void pop() {
    assert(!queue_.empty());
    queue_.pop_front();
  }
  void clear() { queue_.clear(); }
  bool is_full() const { return queue_.size() >= kMost; }

 private:
  std::deque<Departure> queue_;
};

}  // namespace stapkill
