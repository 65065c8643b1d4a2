#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "backend/stap/module.h"
#include "backend/stap/staprun_process.h"
#include "model/record.h"
#include "sys/output.h"
#include "sys/stop_signals.h"

namespace stapkill {

/// How a script runs, and where its messages go.
struct ScriptOptions {
  std::optional<double> duration;                       ///< seconds, from when the module is loaded
  std::vector<std::string> globals;                     ///< NAME=VALUE, set when it is loaded
  bool only_compile = false;                            ///< into the cache, without running it
  Keep keep = Keep::nothing;                            ///< the script and stap's output of a compilation
  std::function<void(std::string_view, int)> progress;  ///< what it is doing now, and for how long; "" when it is over
  std::function<void(std::string_view)> armed;          ///< all probes are in place, so long after the start: "0.4 s"
  std::function<void(std::string_view)> line;           ///< a line for the user that stays
  std::function<void(std::string_view)> tool_line;      ///< each other line of stap and staprun; may be empty
  std::function<void(const DiagnosticRecord&)> diagnostic;  ///< a known message of staprun or the module
};

/// Compiles a script's module, or takes it from the cache, runs it with staprun, and passes its output to standard
/// output. Ends when the script does, at SIGINT, SIGTERM or SIGHUP, when its time is over, or when the reader has gone.
/// The module is then unloaded, also when stapkill is killed.
class ScriptRun {
 public:
  ScriptRun(ModulePlan plan, ScriptOptions options);
  /// Returns at the end. An error says why the script could not be compiled or loaded, or why it failed.
  Result<void> run();

 private:
  Result<void> begin();
  Result<void> compile();
  void load(const Module& module);
  void take_output(std::string_view text);
  void take_error_line(const std::string& line);
  void report_armed();
  void stop();
  void staprun_ended(int status);
  void end(Result<void> result);

  ModulePlan plan_;
  ScriptOptions options_;
  boost::asio::io_context loop_;
  StopSignals signals_;
  boost::asio::steady_timer duration_;
  std::unique_ptr<Output> output_;
  std::unique_ptr<ModuleCompiler> compiler_;
  std::unique_ptr<StaprunProcess> staprun_;
  std::chrono::steady_clock::time_point begun_;
  std::set<std::string> warned_;  ///< each warning is shown once, as by a staprun without -v
  bool stopping_ = false;
  std::optional<Result<void>> result_;
};

}  // namespace stapkill
