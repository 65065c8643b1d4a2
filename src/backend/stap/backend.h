#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "backend/backend.h"
#include "backend/stap/messages.h"
#include "backend/stap/module.h"
#include "backend/stap/sequence.h"
#include "backend/stap/staprun_process.h"
#include "backend/wire.h"

namespace stapkill {

/// Options of the stap backend.
struct StapOptions {
  std::string release;                         ///< of the kernel; "" for the running one
  std::vector<std::string> stap_arguments;     ///< --stap-arg
  std::uint64_t buffer_bytes = 0;              ///< --buffer-size, per CPU; 0 for SystemTap's default
  Keep keep = Keep::nothing;                   ///< --keep
  bool retune = false;                         ///< --retune
  std::function<void(std::string_view)> line;  ///< a line for the user that stays
  /// What it is doing now, and for how many seconds; "" when that is over.
  std::function<void(std::string_view, int)> progress;
  std::function<void(std::string_view)> tool_line;  ///< each line of stap's and staprun's stderr
};

/// SystemTap as a child process: compiles the watch module (or takes it from the cache), loads it with staprun, names
/// its targets, and reads its records. The module never stays loaded: staprun dies with stapkill and unloads it.
class StapBackend : public Backend {
 public:
  StapBackend(boost::asio::io_context& loop, StapOptions options);
  ~StapBackend() override;

  std::string name() const override { return "stap"; }
  std::vector<std::string> probes() const override { return plan_.probes; }
  Result<void> start(const Watching& watching, Callbacks callbacks) override;
  void watch(const ProcessKey& process) override;
  void know(const BashLayout& layout) override;
  std::function<void()> watch_self_in_child() override;
  void pause(bool paused) override;
  void stop() override;

 private:
  Result<void> begin();
  Result<void> compile();
  void load(const Module& module);
  void take_output(std::string_view text);
  void take_line(std::string_view line);
  void take_error_line(const std::string& line);
  void on_hello(const kernel::Hello& hello);
  bool is_test_signal(const KernelEvent& event) const;
  void probe_until_armed();
  static std::string names_of_managers();
  void order(const std::string& words);
  bool retunes(const Message& message) const;
  void retune(const Message& message);
  void restart();
  void staprun_ended(int status);
  void end(Result<void> result);

  boost::asio::io_context& loop_;
  boost::asio::steady_timer timer_;
  StapOptions options_;
  Watching watching_;
  Callbacks callbacks_;
  std::optional<Error> failure_;  ///< stapkill's own error, while staprun still runs
  ModulePlan plan_;
  Module module_;
  std::unique_ptr<ModuleCompiler> compiler_;
  /// State of one run of staprun.
  struct Run {
    std::unique_ptr<StaprunProcess> staprun;
    Sequence sequence;
    std::string partial;       ///< the beginning of a line
    std::string targets_file;  ///< the module's procfs file; "" until the module says its name
    bool sent_targets = false, armed = false;
    int probes_sent = 0;
  };
  Run run_;
  KernelEvent event_;
  WireStorage storage_;
  bool stopping_ = false, ended_ = false;
  bool retuned_ = false, restarting_ = false, rearming_ = false;
};

}  // namespace stapkill
