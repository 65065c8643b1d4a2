#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "backend/stap/log.h"
#include "backend/stap/staprun.h"
#include "base/result.h"
#include "sys/child.h"

namespace stapkill {

/// One run of staprun with its module: loads the module, passes on its output, ends it, unloads it if staprun left it,
/// and restores the sysctls that staprun lowered. staprun dies with stapkill. All callbacks come from the loop, none
/// after this object is destroyed.
class StaprunProcess {
 public:
  struct Callbacks {
    std::function<void(std::string_view)> output;        ///< the module's output, as it comes
    std::function<void(const std::string&)> error_line;  ///< each line of standard error that is not empty
    std::function<void(int status)> ended;  ///< last: its wait status; the module is unloaded, all lines have come
  };

  /// Starts the program `staprun` with these words, the module's file among them.
  static Result<std::unique_ptr<StaprunProcess>> start(boost::asio::io_context& loop, std::string staprun,
                                                       const std::vector<std::string>& words, Callbacks callbacks);
  ~StaprunProcess();

  bool running() const { return child_ && child_->running(); }
  void pause_output(bool paused) { child_->pause_output(paused); }
  /// Begins to end it. The first SIGINT is a clean end; the second is for a lost first; the third makes stapio give up
  /// the module, so it comes late; SIGKILL is last. While staprun is draining its buffers, the next signal waits.
  void end();
  /// The module's name for itself; without it the module is found by staprun's pid.
  void set_module(std::string name) { module_ = std::move(name); }

  /// Takes a line that may be the reason of a failure.
  void suspect(const std::string& line);
  /// Whether one of those lines is a known reason.
  bool has_cause();
  /// Why it failed: its wait status, and `when` (" while watching", or "").
  Error failure(int status, const Phrase& when);
  /// The module that could not be unloaded; "" for none.
  const std::string& still_loaded() const { return still_loaded_; }

 private:
  StaprunProcess(boost::asio::io_context& loop, std::string staprun, Callbacks callbacks);
  void exited(int status);
  void unload();
  void interrupt();
  void wait(int seconds, int patience);

  boost::asio::io_context& loop_;
  boost::asio::steady_timer timer_;
  std::string staprun_, module_, still_loaded_, last_line_;
  Callbacks callbacks_;
  KeptSysctls sysctls_;
  ToolLines lines_;
  LogReader log_;
  std::unique_ptr<Child> child_;
  std::uint64_t bytes_read_ = 0;
  int interrupts_ = 0;
  bool ending_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace stapkill
