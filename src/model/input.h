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

namespace stapkill {

// All that an engine takes in, as a backend, the session around the engine, or a recording says it (docs/wire.md,
// "Recordings"). The same inputs give the same records.

/// What time it is. An engine has no clock: it knows the time of the last tick.
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

/// The probes were started again and are live; what happened in between was not seen.
struct Rearmed {};

/// Look at every process that lives now: the answer to the output of that name.
struct LookAround {};

/// Events that happened and are not known.
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

/// A watched process was found to have ended unseen.
struct Gone {
  ProcessKey process;
  std::string why;
};

/// So many of the records that wait have waited long enough. From recordings of version 3, which say this instead of
/// the time.
struct Due {
  std::size_t count = 0;
};

/// --duration is over.
struct TimeIsUp {};

/// Somebody wants the watch to end (^C).
struct StopAsked {};

/// Nothing more comes from the backend.
struct Ended {
  Result<void> result;
};

/// A kernel event is looked at while it is taken in, and not kept.
using Input = std::variant<const KernelEvent*, Tick, Begun, Armed, Rearmed, LookAround, Loss, DiagnosticRecord,
                           CommandStarted, Gone, Due, TimeIsUp, StopAsked, Ended>;

}  // namespace stapkill
