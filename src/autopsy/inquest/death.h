#pragma once

#include <optional>
#include <string>
#include <vector>

#include "autopsy/inquest/evidence.h"
#include "autopsy/inquest/sought.h"
#include "model/record.h"

namespace stapkill {

/// What is concluded about a death; names as in Verdict (model/record.h).
struct Conclusion {
  Cause cause = Cause::unknown;
  Confidence confidence = Confidence::unknown;
  std::string rule;                   ///< name of the rule that decided
  Phrase sentence;                    ///< without the process's name: "was killed by SIGKILL: …"
  Party killer;                       ///< empty: none, or not known
  Party initiator;                    ///< who began it, where that is another one
  std::string through;                ///< how it was asked for: "kill(2)", "systemd", "kubelet"; "" for nobody
  const Finding* decisive = nullptr;  ///< the finding that it rests on; null: none
  Phrase missing;                     ///< what would make it certain; "" where it is
};

/// The end of one process, or of a container or unit where no source names a process.
struct FoundDeath {
  Time time = 0, doubt = 0;
  Party who;                              ///< all that the findings say of it
  int signal = 0;                         ///< 0: not known, or none
  bool signal_inferred = false;           ///< only from a status of 128+N
  std::optional<int> status;              ///< where it exited
  std::vector<const Finding*> ends;       ///< that show its end, the earliest first
  std::vector<const Finding*> decisions;  ///< to end it, before it
  std::vector<const Finding*> details;    ///< what else is about it
  std::vector<const Finding*> context;    ///< who was there; what the machine did
  std::string likely_unit;                ///< it ended by the same signal at the same time; no source names both
  std::vector<Phrase> contradictions;
  Conclusion conclusion;

  /// Whether its time is wall time, not a stamp from boot.
  bool is_dated() const { return !ends.empty() && ends.front()->time; }
};

/// The deaths that the evidence shows, the latest first, each with its ends alone; not judged yet. Points into
/// `evidence`, which must not change.
std::vector<FoundDeath> deaths_in(const Evidence& evidence);

/// Adds what else belongs to a death: decisions, details, context.
void complete(FoundDeath& death, const Evidence& evidence);

/// Whether a death is one that is looked for.
bool fits(const Sought& sought, const FoundDeath& death);

}  // namespace stapkill
