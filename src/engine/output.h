#pragma once

#include <variant>

#include "model/process.h"
#include "model/record.h"

namespace stapkill {

// What an engine says: records, in the order in which they are written, and wishes to the session around it.

/// For standard error, at once; the record of it comes in its order.
struct Notice {
  DiagnosticRecord record;
};

/// The backend is to watch that process too.
struct WatchToo {
  ProcessKey process;
};

/// Start `-- COMMAND`; its start is an input.
struct StartCommand {};

/// Write what has come so far, then give LookAround as an input.
struct WantLookAround {};

/// Look soon whether every watched process still lives; those that do not are inputs (Gone).
struct WantLookForGone {};

/// The watch is over, with that exit status of `watch` (stapkill-watch(1)): stop the backend.
struct Finish {
  int status = 0;
};

using EngineOutput = std::variant<Record, Notice, WatchToo, StartCommand, WantLookAround, WantLookForGone, Finish>;

}  // namespace stapkill
