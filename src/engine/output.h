#pragma once

#include <string>
#include <variant>

#include "model/process.h"
#include "model/record.h"

namespace stapkill {

// An engine's outputs: records, in the order in which they are written, and requests to the session around it.

/// For standard error, at once; its record follows in order.
struct Notice {
  DiagnosticRecord record;
};

/// Make the backend watch that process too.
struct WatchToo {
  ProcessKey process;
};

/// That process runs a bash that may be of another build than the known ones: let the backend know its layout.
struct LookAtBash {
  int pid = 0;
};

/// Give ManagerSaid with what systemd writes about that unit from that wall time on.
struct AskManager {
  std::string unit;
  Time since = 0;
};

/// Start `-- COMMAND`, then give CommandStarted as an input.
struct StartCommand {};

/// Write the records so far, then give LookAround as an input.
struct WantLookAround {};

/// Check soon whether every watched process still lives; give Gone for each that does not.
struct WantLookForGone {};

/// The watch is over: stop the backend. `status` is the exit status of `watch` (stapkill-watch(1)).
struct Finish {
  int status = 0;
};

using EngineOutput = std::variant<Record, Notice, WatchToo, LookAtBash, AskManager, StartCommand, WantLookAround,
                                  WantLookForGone, Finish>;

}  // namespace stapkill
