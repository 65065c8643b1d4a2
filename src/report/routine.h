#pragma once

#include <deque>
#include <set>
#include <string>
#include <vector>

#include "model/record.h"
#include "report/cascades.h"

namespace stapkill {

/// Clean ends that repeat in a container, as those of a health check that runs once a second: the first is shown, those
/// that follow within kSpan are counted. Its memory is bounded.
class Routine {
 public:
  static constexpr Time kSpan = 60'000'000'000;
  static constexpr std::size_t kMost = 64;  ///< names, and main processes, at once

  /// The main process of a container: its end is always shown.
  void show_end_of(const Process& process);

  /// Whether that end is only counted. Only one with status 0 that nobody asked for.
  bool counts(const DeathRecord& record);

  /// The lines about spans that are over at `now`.
  std::vector<Cascades::Line> over(Time now);

  /// Whether over() will return lines later.
  bool waits() const;

 private:
  struct Span {
    ProcessPtr head;
    std::string container;
    Time since = 0, last = 0;
    std::size_t counted = 0;
  };
  static Cascades::Line line_of(const Span& span);

  std::deque<Span> open_;
  std::set<ProcessKey> shown_;
};

}  // namespace stapkill
