#pragma once

#include <map>
#include <utility>
#include <vector>

#include "report/digest.h"

namespace stapkill {

/// A process in a time line: when it lived, as far as the records show it.
struct Lane {
  ProcessPtr process;
  Time start = 0;                      ///< 0: not known
  const DeathRecord* death = nullptr;  ///< null: it was not seen to end
};

/// A part of a lane: its process was asked to end, or its end was prepared, and the next step took a while.
struct Wait {
  int lane = 0;
  const ChainStep* step = nullptr;  ///< never null: what began it
  Time from = 0, to = 0;
};

/// What a time line draws: a few processes, and the time from the first to the last event of theirs.
class Lanes {
 public:
  static constexpr std::size_t kMost = 40;

  static constexpr Time kShortestWait = 1'000'000;

  /// Those that the first incidents name, from initiator to victim; then others that died. Those of one host are
  /// together.
  Lanes(const Digest& digest, const std::vector<Incident>& incidents);

  const std::vector<Lane>& all() const { return lanes_; }
  /// From each step that led to a death to the next one, and to the death; a process's own handler is part of its wait.
  /// They live as long as the digest.
  std::vector<Wait> waits() const;
  /// The lanes of a host, from the first to behind the last.
  std::pair<int, int> of_host(const HostPtr& host) const;
  /// The number of a process's lane; -1: it has none.
  int of(const Process& process) const;
  /// How many processes with a death have no lane.
  std::size_t left_out() const { return left_out_; }

  Time begin() const { return begin_; }
  Time end() const { return end_; }
  /// Where a moment is, in per cent of the width; those outside are at the edges.
  double place(Time time) const;

 private:
  using Key = std::pair<HostPtr, ProcessKey>;
  static Key key(const Process& process) { return {process.host, key_of(process)}; }
  void choose(const Digest& digest, const std::vector<Incident>& incidents);
  void sort_by_host(const Digest& digest);
  void add(const ProcessPtr& process);
  void reach(Time time);

  std::vector<Lane> lanes_;
  std::map<Key, int> numbers_;
  std::size_t left_out_ = 0;
  Time begin_ = 0, end_ = 0;
};

}  // namespace stapkill
