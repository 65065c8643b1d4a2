#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>

#include "model/process.h"
#include "model/record.h"

namespace stapkill {

/// Records on their way out. They leave in order; the first that still waits holds up those after it.
class Departures {
 public:
  static constexpr std::size_t kMost = 16384;  ///< when more wait, the first leaves at once

  /// What a death is judged by when it leaves.
  struct Death {
    ProcessKey process;
    Time at = 0;                           ///< boot time of the end itself
    int seccomp = 0;                       ///< its last thread's mode
    int own_pid = 0;                       ///< its pid in its own namespace
    std::optional<std::uint64_t> pending;  ///< its signals that were pending, a bit each
  };
  struct Departure {
    Record record;
    Time deadline = 0;           ///< boot time after which it does not wait any longer; 0: it is ready
    Time not_before = 0;         ///< boot time until which it waits in any case
    int tid = 0;                 ///< signal: the sender's thread, whose system call has not returned yet
    std::optional<Death> death;  ///< death: judged when it leaves
    bool hidden = false;         ///< filtered out: kept for the verdict only
  };

  void push(Departure one) { queue_.push_back(std::move(one)); }
  /// Before that process's death, where one waits, else last.
  void push_before_death(const ProcessKey& process, Departure one);
  bool has_death(const ProcessKey& process) const;

  /// The result of the system call of a sender's thread. Each of its records that waited for it is ready after
  /// `complete`.
  void returned(int tid, const std::function<void(SignalRecord&)>& complete);

  bool empty() const { return queue_.empty(); }
  Departure& front() { return queue_.front(); }
  void pop() { queue_.pop_front(); }
  void clear() { queue_.clear(); }
  bool is_full() const { return queue_.size() >= kMost; }

 private:
  std::deque<Departure> queue_;
};

}  // namespace stapkill
