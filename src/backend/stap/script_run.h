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

/// How a script is run, and who is told what.
struct ScriptOptions {
  std::optional<double> duration;                       ///< seconds, from when the module is loaded
  std::vector<std::string> globals;                     ///< NAME=VALUE, set when it is loaded
  bool only_compile = false;                            ///< into the cache, without running it
  Keep keep = Keep::nothing;                            ///< the script and stap's words of a compilation
  std::function<void(std::string_view, int)> progress;  ///< what it is doing now, for how long; "" when that is over
  std::function<void(std::string_view)> armed;          ///< "0.4 s" after the start all its probes are in place
  std::function<void(std::string_view)> line;           ///< a line of stap's or staprun's that stays
  std::function<void(std::string_view)> tool_line;      ///< each other line of theirs; may be empty
  std::function<void(const DiagnosticRecord&)> diagnostic;  ///< a known message of staprun's or the module's
};

/// Compiles a script's module, or takes it from the cache, runs it with staprun, and passes what it prints through to
/// standard output. Ends when the script does, at SIGINT, SIGTERM or SIGHUP, when its time is over, or when nobody
/// reads its output any more; the module is unloaded then, also when stapkill is killed.
class ScriptRun {
 public:
  ScriptRun(ModulePlan plan, ScriptOptions options);
  /// Returns when all is over. An error says why the script could not be compiled, loaded or went wrong.
  Result<void> run();

 private:
  Result<void> begin();
  Result<void> compile();
  void load(const Module& module);
  void take_output(std::string_view text);
  void take_error_line(const std::string& line);
  void tell_armed();
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
  std::set<std::string> warned_;  ///< as staprun does when it is not verbose: each warning once
  bool stopping_ = false;
  std::optional<Result<void>> result_;
};

}  // namespace stapkill
