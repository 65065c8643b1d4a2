#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "model/kernel_event.h"
#include "model/process.h"
#include "model/record.h"
#include "model/user_stack.h"

namespace stapkill {

// All inputs of an engine, from a backend, the session around the engine, or a recording (docs/wire.md, "Recordings").
// The same inputs give the same records.

/// The time. An engine has no clock: it knows only the time of the last tick.
struct Tick {
  Time boot = 0;   ///< CLOCK_BOOTTIME
  Time clock = 0;  ///< the wall clock minus that
};

/// The backend has begun to arm.
struct Begun {
  std::string backend;
  std::vector<std::string> probes;
};

/// The probes are live.
struct Armed {
  std::string toolchain;  ///< "SystemTap 4.8", "BPF"
  std::string kernel;
  std::optional<bool> from_cache;  ///< none where nothing is compiled
};

/// The probes were restarted and are live; nothing was seen in between.
struct Rearmed {};

/// Look at every living process: the answer to WantLookAround.
struct LookAround {};

/// Events that were lost.
struct Loss {
  std::uint64_t count = 0;
  std::string where;  ///< what lost them
  Time boot = 0;      ///< when it was noticed, by CLOCK_BOOTTIME
};

/// `-- COMMAND` has been started, and is a target.
struct CommandStarted {
  int pid = 0;
  bool until_its_end = false;  ///< its end ends the watch
};

/// A watched process has ended, and no event said so.
struct Gone {
  ProcessKey process;
  std::string why;
};

/// What a manager wrote about the subject of AskManager: its lines, the oldest first; none where nothing was found.
struct ManagerSaid {
  std::string subject;
  std::vector<std::string> lines;
};

/// The frames of a stack since AskFrames, innermost first.
struct FramesFound {
  std::uint64_t id = 0;  ///< of the question
  std::vector<Frame> frames;
};

/// The first `count` waiting records are due. Only in recordings of version 3, which hold this instead of the time.
struct Due {
  std::size_t count = 0;
};

/// --duration is over.
struct TimeIsUp {};

/// The user asked the watch to end (^C).
struct StopAsked {};

/// The backend has ended: no input follows.
struct Ended {
  Result<void> result;
};

/// A kernel event is only valid during the call that takes it.
using Input = std::variant<const KernelEvent*, Tick, Begun, Armed, Rearmed, LookAround, Loss, DiagnosticRecord,
                           CommandStarted, Gone, ManagerSaid, FramesFound, Due, TimeIsUp, StopAsked, Ended>;

}  // namespace stapkill
