#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <utility>

#include "model/record.h"
#include "verdict/rules.h"

namespace stapkill {

/// A short memory of what processes were sent, whether they are watched or not: what one had been sent explains what it
/// sends, and belongs to its story when it becomes a target at its exec. Also of those that a signal ended. Bounded.
class RecentSignals {
 public:
  static constexpr std::size_t kMostProcesses = 1024, kMostEach = 4, kMostDeaths = 256;

  void add(const SignalRecord& record);
  /// All that is remembered of one process, oldest first.
  std::vector<SignalRecord> of(const Process& process) const;
  /// The last that another process sent it, at that boot time or before; null: none. Valid until the next `add`.
  const SignalRecord* last_to(const Process& process, Time at) const;

  void died(ProcessPtr process, const Process& parent, int number, Time at);
  /// The last child of `parent` that this signal ended, within a minute before that boot time.
  std::optional<KilledChild> killed_child(const Process& parent, int number, Time at) const;

 private:
  struct Death {
    ProcessPtr process;
    ProcessKey parent;
    int number = 0;
    Time at = 0;
  };

  std::map<ProcessKey, std::deque<SignalRecord>> signals_;
  std::deque<ProcessKey> order_;  ///< of the processes, the one that is forgotten next first
  std::deque<Death> deaths_;
};

}  // namespace stapkill
