#pragma once

#include "cli/command.h"

namespace stapkill {

/// `explain --log`: explains a saved log of stap, staprun or kbuild. Returns the exit status, or why it could not.
Result<int> explain_log(const std::string& path, const Arguments& arguments);

}  // namespace stapkill
