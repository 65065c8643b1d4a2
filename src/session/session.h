#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "backend/backend.h"
#include "backend/recording_writer.h"
#include "engine/engine.h"
#include "engine/machine.h"
#include "session/outbox.h"
#include "sys/stop_signals.h"

namespace stapkill {

/// What the engine is to do, and what the session around it does.
struct SessionOptions : EngineOptions {
  std::optional<double> duration;                              ///< seconds
  std::function<void(const DiagnosticRecord&)> on_diagnostic;  ///< for stderr
  bool records_on_stdout = false;                              ///< so what the command says goes to standard error
  std::optional<Tick> begun;                   ///< of a recording, or one that is kept: when it began; none: now
  std::shared_ptr<RecordingWriter> recording;  ///< the log of what the engine takes in; null: none is kept
};

/// One watch from arming to its summary: an engine with what it needs to run. It owns the loop's timers, the stop
/// signals, the command and the log, says what time it is, gives the backend's inputs to the engine, and does what the
/// engine says.
class Session {
 public:
  Session(boost::asio::io_context& loop, std::unique_ptr<Backend> backend, Targets targets, SessionOptions options,
          std::vector<std::unique_ptr<Sink>> sinks, std::unique_ptr<Machine> machine);
  ~Session();

  /// Runs the loop to the end of the session. The exit status of `watch` (stapkill-watch(1)), or why it could not be
  /// done.
  Result<int> run();

 private:
  Result<void> start();
  void take(const Input& input);
  void feed(const Input& input);
  void tick();
  void act(const std::vector<EngineOutput>& outputs);
  void act(const Record& record);
  void act(const Notice& notice);
  void act(const WatchToo& wish);
  void act(const StartCommand& wish);
  void act(const WantLookAround& wish);
  void act(const WantLookForGone& wish);
  void act(const Finish& wish);
  void finish(int status);
  void end(Result<void> result);
  Result<void> close_recording(Result<void> result);

  std::set<ProcessKey> gone() const;
  void look_for_gone_soon();
  void look_for_gone();
  void start_command();
  void start_duration();
  void start_flush_timer();
  void flush();
  void look_at_readers();
  bool is_backed_up() const;

  boost::asio::io_context& loop_;
  StopSignals signals_;
  boost::asio::steady_timer flush_timer_, duration_timer_, gone_timer_;
  std::unique_ptr<Backend> backend_;
  std::unique_ptr<Machine> machine_;
  SessionOptions options_;
  Outbox outbox_;
  Engine engine_;
  std::unique_ptr<class Child> command_;
  std::set<ProcessKey> gone_;  ///< watched, and not alive when that was last looked at
  Time ticked_ = 0;            ///< boot time of the last tick
  bool flush_timer_runs_ = false, gone_timer_runs_ = false;
  bool finishing_ = false, gave_up_ = false, done_ = false;
  int status_ = 0;
  std::optional<Error> failure_;
};

}  // namespace stapkill
