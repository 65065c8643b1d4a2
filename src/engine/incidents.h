#pragma once

#include <deque>
#include <optional>

#include "model/process.h"
#include "model/record.h"
#include "verdict/oom_marks.h"
#include "verdict/rules.h"

namespace stapkill {

/// What happened on the machine around deaths: lost events, victims of the out-of-memory killer, SysRq. Bounded: keeps
/// the last kMost losses and marks.
class Incidents {
 public:
  static constexpr std::size_t kMost = 64;

  /// Call for each event with its boot time: a loss has no time of its own, so the events around it date it.
  void at(Time boot);
  void lost(std::uint64_t count);
  void marked(OomMark mark);
  /// SysRq f was asked for by `process`; null: from a keyboard.
  void sysrq(Time boot, ProcessPtr process, Ancestry ancestry);

  /// The last mark of exactly that process.
  std::optional<OomMark> mark_for(const Process& process) const;

  /// Fills in all that can belong to that death, at that boot time; `killed` is the SIGKILL sent to it, null where none
  /// was seen.
  void describe(Surroundings& around, const Process& process, const SignalRecord* killed, Time at) const;

 private:
  struct Lost {
    Time before = 0;  ///< boot time of the first event after it; 0: none yet
    std::uint64_t count = 0;
  };
  std::deque<Lost> losses_;
  std::deque<OomMark> marks_;
  struct {
    Time at = 0;  ///< boot time
    ProcessPtr process;
    Ancestry ancestry;
  } sysrq_;
  Time latest_ = 0;  ///< boot time of the latest event
};

}  // namespace stapkill
