#pragma once

#include "backend/stap/script_run.h"
#include "cli/options.h"
#include "cli/progress.h"

namespace stapkill {

/// What --duration, --prepare, --keep and --verbose say of how a script is run; both outlive the run.
Result<ScriptOptions> script_options(const Arguments& arguments, Progress& progress);

}  // namespace stapkill
