#pragma once

#include "cli/command.h"

namespace stapkill {

/// `explain --log`: what a saved log of stap, staprun or kbuild says. The exit status, or why nothing could be said.
Result<int> explain_log(const std::string& path, const Arguments& arguments);

}  // namespace stapkill
