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
    /// Armed, kernel events, losses, diagnostics and Rearmed, on the event loop, in the order of events as far as the
    /// backend knows it; Ended comes last, always, and once.
    std::function<void(const Input&)> take;
    /// Asked by a backend that starts its probes again: the processes to watch from then on.
    std::function<std::vector<ProcessKey>()> watched;
  };

  virtual ~Backend() = default;
  virtual std::string name() const = 0;
  virtual std::vector<std::string> probes() const = 0;
  /// Whether it watches this machine now. False: it plays a recording, which has its own time.
  virtual bool is_live() const { return true; }
  /// Begins to arm. After an error no callback comes.
  virtual Result<void> start(const Watching& watching, Callbacks callbacks) = 0;
  virtual void watch(const ProcessKey& process) = 0;
  /// Reports the lines of another build of bash from now on.
  virtual void know(const BashLayout& /*layout*/) {}
  /// A function that adds the calling child to the targets, for use between fork and exec; async-signal-safe.
  virtual std::function<void()> watch_self_in_child() = 0;
  /// Pauses or resumes taking events, for a slow reader. While paused, events are buffered, then lost.
  virtual void pause(bool paused) = 0;
  /// Disarms; Ended follows when nothing is left in the kernel.
  virtual void stop() = 0;
};

}  // namespace stapkill
