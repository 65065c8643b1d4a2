#pragma once

#include <string>
#include <vector>

#include "cli/why/record.h"
#include "store/stored_death.h"

namespace stapkill {

/// Something that happened, in a few words.
struct Moment {
  Time time = 0;
  std::string text;
};

/// A process's life in order of time: its start (where that is known), the steps that led to its end, what else ended
/// around it, its end.
std::vector<Moment> timeline(const StoredDeath& death, const RecordedDeath& record,
                             const std::vector<StoredDeath>& others);

/// "systemd(1) sent SIGTERM through kill(2)".
std::string step_text(const RecordedStep& step);

}  // namespace stapkill
