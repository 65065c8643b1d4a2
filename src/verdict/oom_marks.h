#pragma once

#include <memory>

#include "model/record.h"

namespace stapkill {

/// The out-of-memory killer marked a victim.
struct OomMark {
  Time at = 0;        ///< boot time
  int tid = 0;        ///< of the victim's thread that still had its memory: not the leader if that has ended
  ProcessPtr victim;  ///< the thread's process; null: not known
  std::shared_ptr<const Circumstances> seen;  ///< of the SIGKILL that came with it; null: not known
};

/// Whether the mark is of `process`; `killed` is the SIGKILL sent to it, null where none was seen.
bool is_mark_of(const OomMark& mark, const Process& process, const SignalRecord* killed);

/// Whether a mark belongs to the limit of the memory cgroup `limited`: its victim is in that cgroup or below, and
/// nothing shows another limit.
bool is_for_limit_of(const OomMark& mark, const std::string& limited);

/// Whether a mark is known to belong to the limit of a memory cgroup.
bool is_for_some_limit(const OomMark& mark);

/// Path of the memory cgroup that hit its limit, among those of `process`; its last component where the path is not
/// known.
std::string limited_path(const Process& process, const Circumstances::Memory& memory);

}  // namespace stapkill
