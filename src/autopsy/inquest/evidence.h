#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "autopsy/finding.h"
#include "autopsy/scope.h"

namespace stapkill {

/// All that was found, in one order of time.
struct Evidence {
  std::vector<Finding> findings;  ///< the earliest first; one for each thing that happened
  std::vector<SourceNote> notes;
};

/// When a finding happened, to compare it with others: its wall time, else its stamp from boot.
Time moment_of(const Finding& finding);

/// Adds what one source said.
void add(Evidence& evidence, Reading reading);

/// Sorts findings by time, and joins those that several sources have of the same thing: the most exact time stays, and
/// every place is named. Names of containers and pods that some findings have are given to those with only an id.
void bring_together(Evidence& evidence);

/// Whether the kernel's log of that time was read.
bool has_kernel_log(const Evidence& evidence, Time time);

}  // namespace stapkill
