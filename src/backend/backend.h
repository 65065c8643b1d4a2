#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "backend/event.h"
#include "event/record.h"
#include "sys/clock.h"
#include "sys/result.h"

namespace stapkill {

/// What a backend tells once its probes are live.
struct Armed {
  std::string toolchain;  ///< "SystemTap 4.8", "BPF"
  std::string kernel;
  std::optional<bool> from_cache;  ///< none where nothing is compiled
};

/// One process, by its id and its start time: a pid alone is given out again.
struct Subject {
  int pid = 0;
  std::uint64_t start = 0;  ///< clock ticks since boot; 0: whoever has that pid next (stap knows the pid alone)
};

/// Whom a backend has to watch; processes can be added and taken away while it runs.
struct Watching {
  bool everything = false;  ///< every process's signals; `subjects` then adds nothing
  bool children = false;    ///< also what watched processes fork, from before its first instruction
  std::vector<Subject> subjects;
};

/// Events that happened and are not known.
struct Loss {
  std::uint64_t count = 0;
  std::string where;               ///< what lost them
  std::int64_t boot = boot_now();  ///< when it was noticed, ns by CLOCK_BOOTTIME
};

/// The source of events. All callbacks come from the event loop, in the order in which things happened as far as the
/// backend can know; `ended` comes last, once, whatever happened.
class Backend {
 public:
  struct Callbacks {
    std::function<void(const Armed&)> armed;
    std::function<void(const Event&)> event;
    std::function<void(const Loss&)> loss;
    std::function<void(const DiagnosticRecord&)> diagnostic;
    std::function<void(Result<void>)> ended;
    /// For a backend that starts its probes anew while it runs: who is to be watched from then on, and that they are
    /// live again. What happened between was not seen.
    std::function<std::vector<Subject>()> watched;
    std::function<void()> rearmed;
    /// For a backend that plays a recording: what the recorded session did of itself. It started its command; it let so
    /// many records go whose time was over; it found that a target had ended unseen.
    std::function<void(int pid)> command;
    std::function<void(std::size_t count)> flushed;
    std::function<void(const Subject&, const std::string& why)> unseen;
  };

  virtual ~Backend() = default;
  virtual std::string name() const = 0;
  virtual std::vector<std::string> probes() const = 0;
  /// Begins to arm. An error that is known at once is returned and no callback comes.
  virtual Result<void> start(const Watching& watching, Callbacks callbacks) = 0;
  virtual void watch(const Subject& subject) = 0;
  /// A function for a child between fork and exec that puts the child itself among the targets; async-signal-safe.
  virtual std::function<void()> watch_self_in_child() = 0;
  /// Stops or goes on taking events in, for a reader that is too slow; what happens meanwhile is buffered, then lost.
  virtual void pause(bool paused) = 0;
  /// Disarms; `ended` follows when nothing is left behind.
  virtual void stop() = 0;
};

}  // namespace stapkill
