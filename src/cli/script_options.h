#pragma once

#include "backend/stap/script_run.h"
#include "cli/options.h"
#include "cli/progress.h"

namespace stapkill {

/// How to run a script, by --duration, --prepare, --keep and --verbose; `arguments` and `progress` outlive the run.
Result<ScriptOptions> script_options(const Arguments& arguments, Progress& progress);

}  // namespace stapkill
