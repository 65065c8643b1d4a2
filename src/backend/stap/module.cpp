#include "backend/stap/module.h"

#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>

#include "base/text.h"
#include "script/build_tree.h"
#include "script/shared_tree.h"
#include "script/trace_points.h"
#include "sys/child.h"
#include "sys/stop_signals.h"

namespace stapkill {
namespace fs = std::filesystem;
namespace {

constexpr char kKeptOfScripts[] = "scripts";
constexpr std::size_t kMostLog = 1 << 20;
constexpr std::size_t kMostCached = 16;

std::string module_file(const ModulePlan& plan) {
  return plan.name + ".ko";
}

fs::path module_directory(const ModulePlan& plan) {
  return cache_directory() / "modules" / plan.key;
}

/// Removes all but the newest modules, so that other kernels' and older ones do not pile up. Modules called `other` are
/// not counted: many scripts must not push the watch module out.
void prune_cache(const fs::path& modules, const std::string& other) {
  std::vector<std::pair<fs::file_time_type, fs::path>> all;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(modules, error)) {
    if (!fs::exists(entry.path() / other, error)) all.emplace_back(entry.last_write_time(error), entry.path());
  }
  std::sort(all.rbegin(), all.rend());
  for (std::size_t i = kMostCached; i < all.size(); ++i) fs::remove_all(all[i].second, error);
}

/// Removes the precompiled headers (header_tests.h), which are large, from a directory that is kept.
void remove_precompiled(const fs::path& work) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(work, error)) {
    if (entry.path().extension() == ".gch") fs::remove(entry.path(), error);
  }
}

}  // namespace

std::optional<Module> cached_module(const ModulePlan& plan) {
  auto folder = module_directory(plan);
  // A user who can write there can load code into the kernel: trust only files that nobody else could have put there.
  for (const auto& place : {cache_directory(), cache_directory() / "modules", folder}) {
    std::error_code error;
    if (!fs::is_directory(fs::symlink_status(place, error)) || !make_private_directory(place)) return std::nullopt;
  }
  Module module;
  module.file = folder / module_file(plan);
  std::error_code error;
  if (!fs::is_regular_file(fs::symlink_status(module.file, error))) return std::nullopt;
  module.toolchain = read_file(folder / "toolchain").value_or("SystemTap");
  module.from_cache = true;
  return module;
}

ModuleCompiler::ModuleCompiler(boost::asio::io_context& loop, ModulePlan plan, TemporaryDirectory work, Keep keep,
                               OnLine on_line, OnDone on_done, OnPass on_pass)
    : plan_(std::move(plan)),
      work_(std::move(work)),
      keep_(keep),
      on_line_(std::move(on_line)),
      on_done_(std::move(on_done)),
      on_pass_(std::move(on_pass)),
      timer_(loop),
      ticks_(loop),
      begun_(std::chrono::steady_clock::now()) {
  if (keep_ == Keep::work) work_.keep();
}

Result<std::unique_ptr<ModuleCompiler>> ModuleCompiler::start(boost::asio::io_context& loop, ModulePlan plan, Keep keep,
                                                              OnLine on_line, OnDone on_done, OnPass on_pass) {
  for (const auto& place : {cache_directory(), cache_directory() / "modules"}) {
    TRY(make_private_directory(place));
  }
  TRY_ASSIGN(auto work, TemporaryDirectory::make(cache_directory(), "build"));
  std::unique_ptr<ModuleCompiler> compiler(new ModuleCompiler(
      loop, std::move(plan), std::move(work), keep, std::move(on_line), std::move(on_done), std::move(on_pass)));
  TRY(compiler->run(loop));
  return compiler;
}

void confine_compiler(ChildOptions& options, const fs::path& work) {
  // Neither ccache's directory nor debuginfod's: nothing outside stapkill's cache is written.
  options.environment = {{"LC_ALL", "C"},
                         {"SYSTEMTAP_DIR", (work / "stap").string()},
                         {"TMPDIR", work.string()},
                         {"CCACHE_DISABLE", "1"},
                         {"DEBUGINFOD_CACHE_PATH", (cache_directory() / "debuginfod").string()}};
  options.only_writable = cache_directory().string();
  options.parent_death_signal = SIGTERM;
}

Result<void> ModuleCompiler::run(boost::asio::io_context& loop) {
  const auto& work = work_.path();
  confine_compiler(options_, work);
  options_.directory = work.string();
  TRY(prepare_tree());
  TRY_ASSIGN(auto shims, arguments_of_shims(plan_, compiler_flags_));
  TRY_ASSIGN(header_tests_, arguments_of_header_tests(plan_));
  if (auto wrote = write_file_atomically(work / plan_.script_name, plan_.script); !wrote) return wrote;

  options_.argv = {plan_.systemtap.stap, "-v", "-p4", "-m", plan_.name};
  // After "--": a script's argument may begin with a dash.
  for (const auto& more : {where_, shims, arguments_of_variants(plan_), plan_.stap_arguments, plan_.target.arguments,
                           std::vector<std::string>{"--", plan_.script_name}, plan_.script_arguments}) {
    options_.argv.insert(options_.argv.end(), more.begin(), more.end());
  }
  TRY(start_stap(loop));
  if (on_pass_) report_pass();
  return {};
}

Result<void> ModuleCompiler::start_stap(boost::asio::io_context& loop) {
  auto options = options_;
  options.argv.insert(options.argv.begin() + 1, header_tests_.begin(), header_tests_.end());
  if (keep_ == Keep::work) (void)write_file_atomically(work_.path() / "command", shell_words(options.argv) + "\n");
  auto child = Child::start(
      loop, options, {}, [this](std::string_view text) { take(text); },
      [this, &loop](int status) {
        reader_.end();
        if (status != 0 && start_again(loop)) return;
        auto result = finish(status);
        // The callback may destroy this compiler.
        auto done = std::move(on_done_);
        done(std::move(result));
      });
  if (!child) return tl::unexpected(child.error());
  child_ = std::move(*child);
  return {};
}

/// If the module's C does not compile, the tests' answers may be wrong: once more, with those of stap's own way. Not
/// for an error in the C of a script of the user's own, who waits for it.
bool ModuleCompiler::start_again(boost::asio::io_context& loop) {
  if (header_tests_.empty() || pass_ < 4 || killed_ || interrupts_ > 0) return false;
  const auto* cause = reader_.cause();
  if (plan_.name != kWatchModule && cause && cause->message->id == "runtime.compile-module") return false;
  header_tests_.clear();
  reader_ = LogReader();
  partial_.clear();
  pass_ = 1;
  return start_stap(loop).has_value();
}

Result<void> ModuleCompiler::prepare_tree() {
  if (plan_.tree == PlanTree::shared) return prepare_shared_tree();
  TRY_ASSIGN(auto tree, make_build_tree(work_.path() / "tree", plan_.kernel, plan_.trace_headers, plan_.symbols));
  where_ = tree.arguments();
  compiler_flags_ = tree.compiler_flags;
  return {};
}

Result<void> ModuleCompiler::prepare_shared_tree() {
  auto points = trace_points_of(plan_.script, plan_.script_arguments, tapset_of(plan_.systemtap));
  std::optional<std::vector<std::string>> headers;
  if (points.complete) {
    headers = trace_headers_of(points.patterns, fs::path(plan_.kernel.source) / "include/trace/events");
    headers->insert(headers->end(), plan_.trace_headers.begin(), plan_.trace_headers.end());
  }
  auto tree = shared_tree(cache_directory(), plan_.systemtap, plan_.kernel, headers, plan_.symbols);
  if (!tree) return tl::unexpected(tree.error());
  TRY_ASSIGN(auto kept, KeptFiles::lend(cache_directory(), kKeptOfScripts, work_.path() / "stap"));
  kept_ = std::move(kept);
  options_.covered = {{"/boot", tree->boot.string()}};
  where_ = {"-r", tree->build.string()};
  compiler_flags_ = tree->compiler_flags;
  if (!tree->tapset.empty()) options_.environment.emplace_back("SYSTEMTAP_TAPSET", tree->tapset.string());
  return {};
}

void ModuleCompiler::report_pass() {
  auto spent = std::chrono::steady_clock::now() - begun_;
  on_pass_(pass_, static_cast<int>(std::chrono::duration_cast<std::chrono::seconds>(spent).count()));
  ticks_.expires_after(std::chrono::seconds(1));
  ticks_.async_wait([this](boost::system::error_code error) {
    if (!error) report_pass();
  });
}

void ModuleCompiler::interrupt() {
  if (!child_ || !child_->running()) return;
  child_->signal(interrupts_ < 2 ? SIGINT : SIGKILL);
  if (++interrupts_ > 2) return;
  timer_.expires_after(std::chrono::seconds(5));
  timer_.async_wait([this](boost::system::error_code error) {
    if (!error) interrupt();
  });
}

void ModuleCompiler::take(std::string_view text) {
  if (keep_ == Keep::work && log_.size() < kMostLog) log_ += text;
  reader_.take(text);
  partial_ += text;
  for (auto end = partial_.find('\n'); end != std::string::npos; end = partial_.find('\n')) {
    take_line(std::string_view(partial_).substr(0, end));
    partial_.erase(0, end + 1);
  }
}

/// stap prints a line when a pass ends.
void ModuleCompiler::take_line(std::string_view line) {
  if (line.find("exited with signal") != std::string_view::npos) killed_ = true;
  if (on_line_) on_line_(line);
  bool ended =
      line.starts_with("Pass ") && line.size() > 6 && line[6] == ':' && line[5] >= '0' + pass_ && line[5] < '4';
  if (!ended) return;
  pass_ = line[5] - '0' + 1;
  if (on_pass_) report_pass();
}

Result<Module> ModuleCompiler::finish(int status) {
  ticks_.cancel();
  if (interrupts_ > 0) return fail(phrase("interrupted while compiling"), {}, "interrupted", ErrorKind::interrupted);
  // Kept also after status 1, the status of a script with an error: what stap looked up for it is valid.
  if (kept_ && WIFEXITED(status) && !killed_) kept_->keep();
  if (keep_ == Keep::work) {
    (void)write_file_atomically(work_.path() / "log", log_);
    remove_precompiled(work_.path());
  }
  fs::path made = work_.path() / module_file(plan_);
  std::error_code error;
  if (status != 0 || !fs::exists(made, error)) return explain_failure(status);

  auto answer = run_child({.argv = {plan_.systemtap.stap, "-V"}, .environment = {{"LC_ALL", "C"}}}, 10);
  Module module;
  module.toolchain = "SystemTap";
  if (answer) {
    std::string text = answer->out + answer->err;
    auto at = text.find("version ");
    if (at != std::string::npos)
      module.toolchain += ' ' + text.substr(at + 8, text.find_first_of("/, \n", at + 8) - at - 8);
  }
  auto ready = work_.path() / "ready";
  fs::create_directory(ready, error);
  fs::permissions(ready, fs::perms::owner_all, error);
  fs::rename(made, ready / module_file(plan_), error);
  (void)write_file_atomically(ready / "toolchain", module.toolchain);
  auto folder = module_directory(plan_);
  fs::rename(ready, folder, error);      // fails when another stapkill was faster: its module is as good
  if (error && !cached_module(plan_)) {  // unless it cannot be trusted
    fs::remove_all(folder, error);
    fs::rename(ready, folder, error);
  }
  if (error && !fs::exists(folder / module_file(plan_))) {
    return fail(phrase("cannot put the module into {}: {}", folder.string(), error.message()));
  }
  prune_cache(folder.parent_path(), std::string(plan_.name == kWatchModule ? kScriptModule : kWatchModule) + ".ko");
  module.file = folder / module_file(plan_);
  if (keep_ == Keep::work) module.kept = work_.path();
  return module;
}

std::string describe_pass(int pass) {
  constexpr std::string_view kPasses[] = {msgid("reading scripts"), msgid("looking up the probe points"),
                                          msgid("translating to C"), msgid("compiling the module")};
  pass = std::clamp(pass, 1, 4);
  return tr("pass {} of 4: {}", pass, phrase_from(kPasses[pass - 1]));
}

Result<Module> compile_module(ModulePlan plan, Keep keep, ModuleCompiler::OnLine on_line,
                              ModuleCompiler::OnPass on_pass) {
  boost::asio::io_context loop;
  std::optional<Result<Module>> done;
  auto compiler = ModuleCompiler::start(
      loop, std::move(plan), keep, std::move(on_line), [&](Result<Module> module) { done = std::move(module); },
      std::move(on_pass));
  if (!compiler) return tl::unexpected(compiler.error());
  StopSignals signals(loop);
  signals.async_wait([&](boost::system::error_code error, int) {
    if (!error) (*compiler)->interrupt();
  });
  while (!done && loop.run_one()) continue;
  return done ? *done : fail(phrase("the compilation did not end"));
}

tl::unexpected<Error> ModuleCompiler::explain_failure(int status) {
  const auto* cause = reader_.cause();
  bool known = cause && !cause->message->context;
  // An unknown error's own text says more than that something failed.
  const auto& unknown = reader_.unknown_error();
  const auto* words = unknown && !known && (!cause || unknown->line < cause->line) ? &*unknown : cause;
  Error error;
  error.id = cause ? cause->message->id : "stap.compile";
  // stap prints a pass's line also when the pass failed: the last pass with a line is the one that failed.
  int pass = reader_.failed_pass().value_or(std::max(reader_.last_pass(), 1));
  auto how = status_words(status);
  error.message =
      plan_.name == kWatchModule
          ? phrase("stap could not compile the probes for kernel {}: it {} in pass {}", plan_.kernel.release, how, pass)
          : phrase("stap could not compile the script for kernel {}: it {} in pass {}", plan_.kernel.release, how,
                   pass);
  if (words) error.message += ": " + words->text;
  if (cause) {
    auto diagnostic = diagnostic_of(*cause->message, cause->text);
    error.remedy = std::move(diagnostic.remedy);
    error.check = std::move(diagnostic.check);
  }
  if (!known) error.remedy = phrase("run again with -v to see all of stap's output, or with --keep to keep it");
  if (keep_ == Keep::work) error.message += phrase(" (kept in {})", work_.path().string());
  return tl::unexpected(error);
}

}  // namespace stapkill
