#pragma once

#include <map>
#include <vector>

#include "report/digest.h"

namespace stapkill {

/// A process in a time line: when it lived, as far as the records show it.
struct Lane {
  ProcessPtr process;
  Time start = 0;                      ///< 0: not known
  const DeathRecord* death = nullptr;  ///< null: it was not seen to end
};

/// What a time line draws: a few processes, and the time from the first to the last event of theirs.
class Lanes {
 public:
  static constexpr std::size_t kMost = 40;

  /// Those that the first incidents name, from initiator to victim; then others that died.
  Lanes(const Digest& digest, const std::vector<Incident>& incidents);

  const std::vector<Lane>& all() const { return lanes_; }
  /// The number of a process's lane; -1: it has none.
  int of(const Process& process) const;
  /// How many processes with a death have no lane.
  std::size_t left_out() const { return left_out_; }

  Time begin() const { return begin_; }
  Time end() const { return end_; }
  /// Where a moment is, in per cent of the width; those outside are at the edges.
  double place(Time time) const;

 private:
  void add(const ProcessPtr& process);
  void reach(Time time);

  std::vector<Lane> lanes_;
  std::map<ProcessKey, int> numbers_;
  std::size_t left_out_ = 0;
  Time begin_ = 0, end_ = 0;
};

}  // namespace stapkill
