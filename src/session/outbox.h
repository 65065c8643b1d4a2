#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/result.h"
#include "session/sink.h"

namespace stapkill {

/// All sinks of a session; each gets every record.
class Outbox {
 public:
  explicit Outbox(std::vector<std::unique_ptr<Sink>> sinks) : sinks_(std::move(sinks)) {}

  void write(const Record& record);
  /// Writes what renderers held back until `now`. Returns after how many ns they are to be asked again; 0: they hold
  /// nothing back.
  Time catch_up(Time now);
  /// Closes each text; no record comes later.
  void finish();
  /// Writes what can be written without waiting.
  void flush();
  /// Waits, for at most `milliseconds` a sink, until all is written; false when a slow reader left something.
  bool drain(int milliseconds);
  /// A reader is so slow that the source should be paused.
  bool backed_up() const;
  /// A sink has failed: its reader has gone, or see failure().
  bool broken() const;
  /// The first failure other than a reader that has gone.
  std::optional<Error> failure() const;
  /// Called when a slow reader has read something, and after a failure.
  void on_change(const std::function<void()>& callback);

 private:
  std::vector<std::unique_ptr<Sink>> sinks_;
  std::string text_;
};

}  // namespace stapkill
