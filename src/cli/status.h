#pragma once

#include "cli/options.h"
#include "cli/progress.h"
#include "session/sink.h"

namespace stapkill {

/// Gives the text of a watch its status line, where `main`, the sink of the records, is a terminal that no command
/// writes to as well. `progress` then removes the line before it writes.
Result<void> add_status_line(const Arguments& arguments, Sink& main, Progress& progress);

}  // namespace stapkill
