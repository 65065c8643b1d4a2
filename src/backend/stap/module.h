#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "backend/stap/kept_files.h"
#include "backend/stap/log.h"
#include "backend/stap/plan.h"
#include "base/result.h"
#include "sys/child.h"
#include "sys/file.h"

namespace stapkill {

/// A compiled module.
struct Module {
  std::filesystem::path file;
  std::string toolchain;  ///< "SystemTap 4.8"
  bool from_cache = false;
  std::filesystem::path kept;  ///< with keep: the directory with the script and stap's output
};

/// Confines a compiling stap to stapkill's cache: its own files lie below `work`, and it can write nothing outside the
/// cache.
void confine_compiler(ChildOptions& options, const std::filesystem::path& work);

/// The cached module of that plan; none where there is none that can be trusted.
std::optional<Module> cached_module(const ModulePlan& plan);

/// What a compilation keeps beside its module: nothing, or the directory with the script and stap's output.
enum class Keep { nothing, work };

/// Compiles the module with `stap -p4` in a directory of its own below the cache, and puts it into the cache. stap's
/// own caches are neither used nor left.
class ModuleCompiler {
 public:
  /// Called with each line that stap writes to stderr.
  using OnLine = std::function<void(std::string_view)>;
  using OnDone = std::function<void(Result<Module>)>;
  /// Called when a pass begins, and every second from then on: its number, and the seconds since stap started.
  using OnPass = std::function<void(int pass, int seconds)>;

  /// With Keep::work errors name the directory that is kept.
  static Result<std::unique_ptr<ModuleCompiler>> start(boost::asio::io_context& loop, ModulePlan plan, Keep keep,
                                                       OnLine on_line, OnDone on_done, OnPass on_pass = {});
  /// Ends stap: SIGINT, a second one after 5 s, SIGKILL after 5 more. OnDone follows when it has ended.
  void interrupt();

 private:
  ModuleCompiler(boost::asio::io_context& loop, ModulePlan plan, TemporaryDirectory work, Keep keep, OnLine on_line,
                 OnDone on_done, OnPass on_pass);
  Result<void> run(boost::asio::io_context& loop);
  Result<void> start_stap(boost::asio::io_context& loop);
  bool start_again(boost::asio::io_context& loop);
  Result<void> prepare_tree();
  Result<void> prepare_shared_tree();
  void take(std::string_view text);
  void take_line(std::string_view line);
  void report_pass();
  Result<Module> finish(int status);
  tl::unexpected<Error> explain_failure(int status);

  ModulePlan plan_;
  TemporaryDirectory work_;
  Keep keep_;
  OnLine on_line_;
  OnDone on_done_;
  OnPass on_pass_;
  std::string log_, partial_;
  LogReader reader_;
  bool killed_ = false;  ///< stap, or a compiler that it started
  std::optional<KeptFiles> kept_;
  std::vector<std::string> where_, compiler_flags_;  ///< arguments for the tree: stap's and the compiler's
  std::vector<std::string> header_tests_;            ///< arguments for its tests; none after they were in vain
  ChildOptions options_;                             ///< of stap; without those arguments
  boost::asio::steady_timer timer_, ticks_;
  int pass_ = 1;
  std::chrono::steady_clock::time_point begun_;
  int interrupts_ = 0;
  std::unique_ptr<Child> child_;
};

/// Compiles and waits for the end. Gives up at SIGINT, SIGTERM or SIGHUP (ErrorKind::interrupted).
Result<Module> compile_module(ModulePlan plan, Keep keep, ModuleCompiler::OnLine on_line,
                              ModuleCompiler::OnPass on_pass = {});

/// "pass 2 of 4: looking up the probe points"; stap's passes, up to the fourth.
std::string describe_pass(int pass);

}  // namespace stapkill
