#pragma once

#include <string_view>
#include <vector>

#include "autopsy/finding.h"
#include "autopsy/log_entry.h"

namespace stapkill {

/// Lines of the kernel that stand alone: SysRq, hung tasks, panics, limits, the low memory killer, core dumps that
/// failed, boots, shutdowns, sleep. `known`: the entry is the kernel's for sure; without it only lines are taken that
/// no other program writes. True where it is one.
bool take_other_kernel_line(const LogEntry& entry, std::string_view line, bool known, std::vector<Finding>& findings);

}  // namespace stapkill
