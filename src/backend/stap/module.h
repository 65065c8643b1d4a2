#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "backend/stap/log.h"
#include "host/systemtap.h"
#include "script/shims.h"
#include "script/template.h"
#include "sys/child.h"
#include "sys/file.h"
#include "sys/result.h"

namespace stapkill {

/// What modules are called. staprun -R writes its pid over the end, keeping the length: "stapkill_watc_131". The first
/// nine characters stay whatever the pid.
inline constexpr char kWatchModule[] = "stapkill_watching", kScriptModule[] = "stapkill_scripted";

/// A compiled module.
struct Module {
  std::filesystem::path file;
  std::string toolchain;  ///< "SystemTap 4.8"
  bool from_cache = false;
  std::filesystem::path kept;  ///< with keep: where the script and stap's words are
};

/// Everything that a module is made from: two plans with the same key give the same module.
struct ModulePlan {
  std::string name = kWatchModule;
  SystemTap systemtap;
  KernelBuild kernel;
  std::string script;
  std::vector<std::string> probes;          ///< for the session record
  std::vector<std::string> trace_headers;   ///< below include/trace/events
  std::vector<std::string> symbols;         ///< functions that it puts kretprobes on
  std::vector<std::string> stap_arguments;  ///< the template's own and the user's --stap-arg
  std::vector<std::string> programs;        ///< whose functions it probes
  bool tree = true;                         ///< stap sees a shadow build tree, and no debuginfo of the kernel
  bool shims = true;                        ///< stapkill makes SystemTap fit the kernel where it does not
  bool variants = false;                    ///< its C is chosen by what the kernel's headers have
  std::string key;                          ///< of the cache
};

/// Plans the module for a kernel release with the installed SystemTap; without `shims` as plain stap would have it.
Result<ModulePlan> plan_module(const std::string& release, const std::vector<std::string>& user_arguments,
                               bool shims = true);

/// Plans the module of a template's script for a kernel release.
Result<ModulePlan> plan_script(const Template& source, const std::map<std::string, std::string>& values,
                               const std::string& release, const std::vector<std::string>& user_arguments);

/// stap's arguments for the shims that the plan needs; their headers are written into the cache. `flags` are for the
/// compiler besides.
Result<std::vector<std::string>> arguments_of_shims(const ModulePlan& plan, const std::vector<std::string>& flags = {});

/// Makes a stap that compiles keep to stapkill's cache: its own files lie below `work`, and nothing outside of the
/// cache can be written.
void confine_compiler(ChildOptions& options, const std::filesystem::path& work);

/// stap's arguments by which the plan's C is chosen: as with shims, found out when it is compiled.
std::vector<std::string> arguments_of_variants(const ModulePlan& plan);

/// The cached module of that plan, if there is one that can be trusted.
std::optional<Module> cached_module(const ModulePlan& plan);

/// Compiles the module with `stap -p4` in a directory of its own below the cache, and puts it into the cache. Nothing
/// of stap's own caches is used or left behind.
class ModuleCompiler {
 public:
  /// Called with each line that stap writes to stderr.
  using OnLine = std::function<void(std::string_view)>;
  using OnDone = std::function<void(Result<Module>)>;

  /// `keep`: the directory with the script and stap's output stays and its place is told in errors.
  static Result<std::unique_ptr<ModuleCompiler>> start(boost::asio::io_context& loop, ModulePlan plan, bool keep,
                                                       OnLine on_line, OnDone on_done);
  /// Ends stap: SIGINT, a second one after 5 s, SIGKILL after 5 more. OnDone tells when it has ended.
  void interrupt();

 private:
  ModuleCompiler(boost::asio::io_context& loop, ModulePlan plan, TemporaryDirectory work, bool keep, OnLine on_line,
                 OnDone on_done);
  Result<void> run(boost::asio::io_context& loop);
  void take(std::string_view text);
  Result<Module> finish(int status);
  tl::unexpected<Error> explain_failure(int status);

  ModulePlan plan_;
  TemporaryDirectory work_;
  bool keep_;
  OnLine on_line_;
  OnDone on_done_;
  std::string log_, partial_;
  LogReader reader_;
  boost::asio::steady_timer timer_;
  int interrupts_ = 0;
  std::unique_ptr<Child> child_;
};

/// Compiles here and now: returns when it is done, or has been given up at SIGINT, SIGTERM or SIGHUP (id
/// "interrupted").
Result<Module> compile_module(ModulePlan plan, bool keep, ModuleCompiler::OnLine on_line);

}  // namespace stapkill
