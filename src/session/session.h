#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "backend/backend.h"
#include "backend/recording_writer.h"
#include "engine/engine.h"
#include "engine/machine.h"
#include "session/frame_finder.h"
#include "session/journal.h"
#include "session/outbox.h"
#include "sys/stop_signals.h"

namespace stapkill {

/// Options of the engine, and of the session around it.
struct SessionOptions : EngineOptions {
  std::optional<double> duration;                              ///< seconds
  std::function<void(const DiagnosticRecord&)> on_diagnostic;  ///< for stderr
  bool records_on_stdout = false;                              ///< then the command's output goes to standard error
  std::optional<DebugServers> debug_servers;    ///< fetch debug information of stacks from there; none: do not
  std::optional<Tick> begun;                    ///< when the recording that is read or written began; none: now
  std::function<void()> on_armed, on_stopping;  ///< once each: events can no longer be missed; the probes go
  std::shared_ptr<RecordingWriter> recording;   ///< gets the engine's inputs; null: none is written
};

/// One watch from arming to its summary: an engine and what it needs to run. Owns the loop's timers, the stop signals,
/// the command and the recording. Gives the engine the time and the backend's inputs, and carries out its outputs.
class Session {
 public:
  Session(boost::asio::io_context& loop, std::unique_ptr<Backend> backend, Targets targets, SessionOptions options,
          std::vector<std::unique_ptr<Sink>> sinks, std::unique_ptr<Machine> machine);
  ~Session();

  /// Runs the loop to the end of the session. Returns the exit status of `watch` (stapkill-watch(1)), or why it failed.
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
  void act(const LookAtBash& wish);
  void act(const AskManager& wish);
  void act(const AskFrames& wish);
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
  Time pace() const;
  void flush_within(Time after);
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
  Journal journal_;
  FrameFinder frames_;
  std::unique_ptr<class Child> command_;
  std::set<ProcessKey> gone_;                                       ///< watched, but not alive at the last look
  Time ticked_ = 0;                                                 ///< boot time of the last tick
  std::optional<std::chrono::steady_clock::time_point> flush_due_;  ///< none: the timer does not run
  bool gone_timer_runs_ = false;
  bool finishing_ = false, gave_up_ = false, done_ = false;
  int status_ = 0;
  std::optional<Error> failure_;
};

}  // namespace stapkill
