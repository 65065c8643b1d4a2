#pragma once

#include <memory>

#include "model/record.h"

namespace stapkill {

/// The out-of-memory killer marked somebody as its victim.
struct OomMark {
  Time at = 0;        ///< boot time
  int tid = 0;        ///< of that one's thread which still had its memory: not the leader's where the leader has ended
  ProcessPtr victim;  ///< whose thread that is; null: not known
  std::shared_ptr<const Circumstances> seen;  ///< of the SIGKILL that went with it; null: not told
};

/// Whether it is the process itself that was marked; `killed` is the SIGKILL that it was sent, null where none was
/// seen.
bool is_mark_of(const OomMark& mark, const Process& process, const SignalRecord* killed);

/// Whether another was marked for a limit that the memory cgroup of that path has: it is in that cgroup or below, and
/// nothing shows that it was another limit.
bool is_for_limit_of(const OomMark& mark, const std::string& limited);

/// Whether somebody is known to have been marked for the limit of a memory cgroup.
bool is_for_some_limit(const OomMark& mark);

/// Of memory's owner the path of its cgroup that was at its limit, where it is known, else its last name.
std::string limited_path(const Process& process, const Circumstances::Memory& memory);

}  // namespace stapkill
