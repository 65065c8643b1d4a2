#pragma once

#include <vector>

#include "cli/why/record.h"
#include "store/history_reader.h"

namespace stapkill {

/// Other deaths that belong to one.
struct Around {
  std::vector<StoredDeath> nearest;  ///< in time, the nearest first
  std::size_t more = 0;              ///< how many others there are
};

/// What else ended within ten seconds of a death: processes of its container, else of its unit, else its siblings and
/// children.
Around others_around(const StoredDeath& death, const RecordedDeath& record, HistoryReader& history);

}  // namespace stapkill
