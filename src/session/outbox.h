#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/result.h"
#include "session/sink.h"

namespace stapkill {

/// All sinks of a session: what is written goes to each of them.
class Outbox {
 public:
  explicit Outbox(std::vector<std::unique_ptr<Sink>> sinks) : sinks_(std::move(sinks)) {}

  void write(const Record& record);
  /// Writes what renderers held back and can say now; whether one of them still holds something back.
  bool catch_up(Time now);
  /// Hands on what can be handed on without waiting.
  void flush();
  /// Waits, for at most `milliseconds` a sink, until all has been handed on; false when a slow reader left something.
  bool drain(int milliseconds);
  /// A reader is so slow that the source should be paused.
  bool backed_up() const;
  /// A sink takes nothing any more: its reader has gone, or failure() says what else.
  bool broken() const;
  /// The first failure that is not a reader that has gone.
  std::optional<Error> failure() const;
  /// Called when a slow reader has taken something, and after a failure.
  void on_change(const std::function<void()>& callback);

 private:
  std::vector<std::unique_ptr<Sink>> sinks_;
  std::string text_;
};

}  // namespace stapkill
