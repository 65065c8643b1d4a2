#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <utility>

#include "model/record.h"
#include "verdict/rules.h"

namespace stapkill {

/// Remembers the last signals to processes, watched or not, and the last deaths by signals. A signal to a process
/// explains what the process sends, and belongs to its story when it becomes a target at its exec. Bounded.
class RecentSignals {
 public:
  static constexpr std::size_t kMostProcesses = 1024, kMostEach = 4, kMostDeaths = 256, kMostEnds = 256;

  void add(const SignalRecord& record);
  /// The remembered signals to one process, oldest first.
  std::vector<SignalRecord> of(const Process& process) const;
  /// The last signal from another process, at that boot time or before; null: none. Valid until the next `add`.
  const SignalRecord* last_to(const Process& process, Time at) const;

  /// The end of any process.
  void ended(const ProcessKey& process, int wait_status);
  /// How it ended, as wait(2) gives it; none: not remembered.
  std::optional<int> end_of(const ProcessKey& process) const;

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
  std::deque<ProcessKey> order_;  ///< of processes, the next to be forgotten first
  std::deque<Death> deaths_;
  std::deque<std::pair<ProcessKey, int>> ends_;
};

}  // namespace stapkill
