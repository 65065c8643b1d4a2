#pragma once

#include <deque>
#include <optional>

#include "model/process.h"
#include "model/record.h"
#include "verdict/oom_marks.h"
#include "verdict/rules.h"

namespace stapkill {

/// What happened on the machine around deaths: events that were lost, victims of the out-of-memory killer, SysRq. Its
/// memory is bounded: of losses and marks the last kMost.
class Incidents {
 public:
  static constexpr std::size_t kMost = 64;

  /// An event of that boot time has come: a loss has no time of its own, the events around it do.
  void at(Time boot);
  void lost(std::uint64_t count);
  void marked(OomMark mark);
  /// Somebody asked for SysRq's f; null: the kernel did.
  void sysrq(Time boot, ProcessPtr process, Ancestry ancestry);

  /// The last mark of that very process.
  std::optional<OomMark> mark_for(const Process& process) const;

  /// All of it that can belong to that death, at that boot time; `killed` is the SIGKILL that it was sent, null where
  /// none was seen.
  void describe(Surroundings& around, const Process& process, const SignalRecord* killed, Time at) const;

 private:
  struct Lost {
    Time before = 0;  ///< boot time of the first event after it; 0: none has come
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
