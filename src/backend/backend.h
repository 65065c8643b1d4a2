#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/input.h"
#include "model/watching.h"

namespace stapkill {

/// The source of events.
class Backend {
 public:
  struct Callbacks {
    /// Armed, kernel events, losses, diagnostics and Rearmed, on the event loop, in the order in which things happened
    /// as far as the backend can know; Ended comes last, once, whatever happened.
    std::function<void(const Input&)> take;
    /// For a backend that starts its probes again while it runs: who is watched from then on.
    std::function<std::vector<ProcessKey>()> watched;
  };

  virtual ~Backend() = default;
  virtual std::string name() const = 0;
  virtual std::vector<std::string> probes() const = 0;
  /// Whether it watches this machine now. Else it plays a recording, which says what time it is.
  virtual bool is_live() const { return true; }
  /// Begins to arm. An error that is known at once is returned and no callback comes.
  virtual Result<void> start(const Watching& watching, Callbacks callbacks) = 0;
  virtual void watch(const ProcessKey& process) = 0;
  /// A function for a child between fork and exec that puts the child itself among the targets; async-signal-safe.
  virtual std::function<void()> watch_self_in_child() = 0;
  /// Stops or goes on taking events in, for a reader that is too slow; what happens meanwhile is buffered, then lost.
  virtual void pause(bool paused) = 0;
  /// Disarms; `ended` follows when nothing is left behind.
  virtual void stop() = 0;
};

}  // namespace stapkill
