#pragma once

#include <string>
#include <variant>
#include <vector>

#include "model/process.h"
#include "model/record.h"
#include "model/user_stack.h"

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

/// Give ManagerSaid with what that manager writes to the journal about the subject from about that wall time on.
struct AskManager {
  enum class Writer { systemd, kubelet } writer = Writer::systemd;
  std::string subject;             ///< systemd: a unit; kubelet: a container's id
  Time since = 0;                  ///< when it acted
  std::vector<std::string> names;  ///< kubelet: other names in its lines: the pod's uid, "NAMESPACE/NAME"
};

/// Give FramesFound with the calls on that stack. `stack` is without registers and memory in a replay.
struct AskFrames {
  std::uint64_t id = 0;
  UserStack stack;
  std::vector<ProcessKey> relatives;  ///< processes that probably see the same files
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

using EngineOutput = std::variant<Record, Notice, WatchToo, LookAtBash, AskManager, AskFrames, StartCommand,
                                  WantLookAround, WantLookForGone, Finish>;

}  // namespace stapkill
