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
  std::vector<std::pair<Time, Time>> kernels;  ///< from when to when logs that only the kernel's lines reach have lines
};

/// When a finding happened, to compare it with others: its wall time, else its stamp from boot.
Time moment_of(const Finding& finding);

/// Adds what one source said.
void add(Evidence& evidence, Reading reading);

/// Sorts findings by time, and joins those that several sources have of the same thing: the most exact time stays, and
/// every place is named. Names of containers and pods that some findings have are given to those with only an id.
void bring_together(Evidence& evidence);

/// Takes out what a text has in the kernel's name, while a log of the same host that has all of the kernel's lines
/// covers that time and lacks it: a user wrote it. A note says so. After bring_together().
void leave_out_forged(Evidence& evidence);

/// Whether the kernel's log of that time was read.
bool has_kernel_log(const Evidence& evidence, Time time);

}  // namespace stapkill
