#include "backend/stap/module.h"

#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <boost/uuid/name_generator_sha1.hpp>
#include <boost/uuid/uuid_io.hpp>
#include <cctype>
#include <chrono>

#include "backend/wire.h"
#include "event/text.h"
#include "host/kernel_symbols.h"
#include "script/build_tree.h"
#include "script/resources.h"
#include "script/shared_tree.h"
#include "script/template.h"
#include "script/trace_points.h"
#include "script/variants.h"
#include "sys/stop_signals.h"

namespace stapkill {
namespace fs = std::filesystem;
namespace {

constexpr char kKeptOfScripts[] = "scripts";
constexpr std::size_t kMostLog = 1 << 20;
constexpr std::size_t kMostCached = 16;

constexpr std::string_view kSenders[] = {
    "kill", "tkill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "pidfd_send_signal"};

constexpr std::string_view kAsksForOomKiller = "sysrq_handle_moom";  // drivers/tty/sysrq.c

std::string hash(const std::string& text) {
  boost::uuids::name_generator_sha1 generate(boost::uuids::ns::oid());
  return boost::uuids::to_string(generate(text));
}

std::string key_of(const ModulePlan& plan) {
  std::string text = plan.name + '\n' + plan.systemtap.stap + '\n' + plan.systemtap.stamp + '\n' + plan.kernel.release +
                     '\n' + plan.kernel.build + '\n' + plan.kernel.stamp + '\n' + plan.script_name + '\n' + plan.script;
  // Lengths tell two arguments from one: they are the user's own words.
  for (const auto& argument : plan.script_arguments) text += "\nargument " + std::to_string(argument.size()) + argument;
  const auto& target = plan.target.program;
  if (!plan.target.arguments.empty())
    text += "\ntarget " + plan.target.arguments.front() + ' ' + target + ' ' + file_stamp(target);
  for (const auto& argument : plan.stap_arguments) text += '\n' + argument;
  for (const auto& program : plan.programs) text += '\n' + program + '\n' + file_stamp(program);
  for (const auto& header : plan.trace_headers) text += "\ntrace " + header;
  for (const auto& symbol : plan.symbols) text += "\nsymbol " + symbol;
  if (plan.tree == PlanTree::shared) text += "\nshared tree";
  if (!plan.shims) text += "\nno shims";
  for (const auto& file : resources()) {
    if (file.path.starts_with("tapsets/compat/")) text += file.text;
  }
  if (asks_for_variants(plan.script)) text += variants_text();
  return hash(text);
}

std::string module_file(const ModulePlan& plan) {
  return plan.name + ".ko";
}

fs::path module_directory(const ModulePlan& plan) {
  return cache_directory() / "modules" / plan.key;
}

/// A -DNAME=VALUE that comes later takes the place of the one before: of two values for one name stap makes an error.
void add_arguments(std::vector<std::string>& arguments, const std::vector<std::string>& more) {
  auto macro = [](const std::string& word) {
    return word.starts_with("-D") && word.size() > 2 ? word.substr(0, word.find('=')) : std::string();
  };
  for (const auto& word : more) {
    auto name = macro(word);
    if (!name.empty()) std::erase_if(arguments, [&](const std::string& old) { return macro(old) == name; });
    arguments.push_back(word);
  }
}

/// Keeps the newest modules: other kernels and older versions would pile up. Those called `other` are not counted: many
/// scripts must not take the watch module's place.
void prune_cache(const fs::path& modules, const std::string& other) {
  std::vector<std::pair<fs::file_time_type, fs::path>> all;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(modules, error)) {
    if (!fs::exists(entry.path() / other, error)) all.emplace_back(entry.last_write_time(error), entry.path());
  }
  std::sort(all.rbegin(), all.rend());
  for (std::size_t i = kMostCached; i < all.size(); ++i) fs::remove_all(all[i].second, error);
}

}  // namespace

namespace {

/// A name that C, make and the shell can take, and none that something else has in the directory of a compilation.
std::string script_name_of(const std::string& file) {
  auto plain = [](unsigned char c) {
    return std::isalnum(c) != 0 || std::string_view("._+-").find(static_cast<char>(c)) < 4;
  };
  bool fits = !file.empty() && file.size() <= 200 && file.front() != '-' && file.front() != '.' &&
              std::all_of(file.begin(), file.end(), plain);
  return !fits ? "script.stp" : file.ends_with(".stp") ? file : file + ".stp";
}

/// A plan without its script: SystemTap and the kernel's headers.
Result<ModulePlan> plan_toolchain(Facts& facts, const std::string& release) {
  ModulePlan plan;
  auto systemtap = find_systemtap(facts);
  if (!systemtap) return tl::unexpected(systemtap.error());
  plan.systemtap = std::move(*systemtap);
  auto kernel = find_kernel_build(facts, release);
  if (!kernel) return tl::unexpected(kernel.error());
  plan.kernel = std::move(*kernel);
  return plan;
}

/// The template's own arguments, those for the kernel, and the user's; then the key, for it is complete.
void finish_plan(Facts& facts, ModulePlan& plan, std::vector<std::string> options,
                 const std::vector<std::string>& user_arguments) {
  plan.stap_arguments = std::move(options);
  // In guru mode stap leaves the symbols' versions out (buildrun.cxx, PR10280), and a kernel that has them then takes
  // the module only where CONFIG_MODULE_FORCE_LOAD is set (check_version, kernel/module/version.c).
  if (facts.holds(plan.kernel.build + "/.config", "\nCONFIG_MODVERSIONS=y\n").value.value_or(false)) {
    plan.stap_arguments.insert(plan.stap_arguments.end(), {"-B", "CONFIG_MODVERSIONS=y"});
  }
  add_arguments(plan.stap_arguments, user_arguments);
  plan.key = key_of(plan);
}

}  // namespace

Result<ModulePlan> plan_script(const Template& source, const std::map<std::string, std::string>& values,
                               const std::string& release, const std::vector<std::string>& user_arguments) {
  auto bound = bind_parameters(source, values);
  if (!bound) return tl::unexpected(bound.error());
  auto script = render(source, *bound);
  if (!script) return tl::unexpected(script.error());
  auto facts = Facts::live();
  auto plan = plan_toolchain(*facts, release);
  if (!plan) return plan;
  plan->name = kScriptModule;
  plan->script = std::move(*script);
  plan->script_name = script_name_of(source.name);
  plan->trace_headers = source.trace_headers;
  plan->symbols = source.symbols;
  plan->tree = PlanTree::shared;
  auto prefix = syscall_prefix(*facts, plan->kernel);
  for (const auto& call : source.syscalls) plan->symbols.push_back(prefix + call);
  for (const auto& parameter : source.parameters) {
    auto given = values.find(parameter.name);
    const auto& value = given == values.end() ? parameter.fallback : given->second;
    if (parameter.kind != Parameter::Kind::code || !value.starts_with('/')) continue;
    std::error_code error;
    if (!fs::is_regular_file(value, error)) return fail("there is no program " + value);
    plan->programs.push_back(value);
  }
  finish_plan(*facts, *plan, source.options, user_arguments);
  return plan;
}

Result<ModulePlan> plan_user_script(UserScript script, const std::string& release,
                                    const std::vector<std::string>& user_arguments) {
  auto facts = Facts::live();
  auto plan = plan_toolchain(*facts, release);
  if (!plan) return plan;
  plan->name = kScriptModule;
  plan->script = std::move(script.text);
  plan->script_name = script_name_of(fs::path(script.file).filename().string());
  plan->script_arguments = std::move(script.arguments);
  plan->target = std::move(script.target);
  plan->tree = PlanTree::shared;
  finish_plan(*facts, *plan, {}, user_arguments);
  return plan;
}

Result<ModulePlan> plan_module(const std::string& release, const std::vector<std::string>& user_arguments, bool shims) {
  auto facts = Facts::live();
  auto toolchain = plan_toolchain(*facts, release);
  if (!toolchain) return toolchain;
  ModulePlan plan = std::move(*toolchain);
  plan.shims = shims;

  auto source = find_template("watch");
  if (!source) return tl::unexpected(source.error());
  std::map<std::string, std::string> values = {{"version", std::to_string(kWireVersion)}};
  auto prefix = syscall_prefix(*facts, plan.kernel);
  for (auto call : kSenders) {
    plan.symbols.push_back(prefix + std::string(call));
    values["sys_" + std::string(call)] = plan.symbols.back();
  }
  auto bound = bind_parameters(**source, values);
  if (!bound) return tl::unexpected(bound.error());
  auto script = render(**source, *bound);
  if (!script) return tl::unexpected(script.error());
  plan.script = std::move(*script);

  plan.trace_headers = {"signal", "sched", "oom", "task"};
  plan.probes = {"kernel.trace(\"signal:signal_generate\")", "kernel.trace(\"sched:sched_process_fork\")",
                 "kernel.trace(\"sched:sched_process_exec\")", "kernel.trace(\"sched:sched_process_exit\")"};
  auto events = plan.kernel.source + "/include/trace/events/";
  if (facts->holds(events + "oom.h", "(mark_victim,").value.value_or(false)) {  // 4.14
    plan.probes.emplace_back("kernel.trace(\"oom:mark_victim\")");
  }
  plan.probes.emplace_back("kernel.trace(\"task:task_rename\")");
  if (fs::exists(events + "cgroup.h")) {  // since 4.11
    plan.trace_headers.emplace_back("cgroup");
    plan.probes.emplace_back("kernel.trace(\"cgroup:cgroup_attach_task\")");
  }
  for (const auto& symbol : plan.symbols) plan.probes.push_back("kprobe.function(\"" + symbol + "\").return");
  plan.symbols.emplace_back(kAsksForOomKiller);
  plan.probes.push_back("kprobe.function(\"" + plan.symbols.back() + "\")");
  finish_plan(*facts, plan, (*source)->options, user_arguments);
  return plan;
}

std::optional<Module> cached_module(const ModulePlan& plan) {
  auto folder = module_directory(plan);
  // Whoever can write there can load code into the kernel: trust only what nobody else could have put there.
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

ModuleCompiler::ModuleCompiler(boost::asio::io_context& loop, ModulePlan plan, TemporaryDirectory work, bool keep,
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
  if (keep_) work_.keep();
}

Result<std::unique_ptr<ModuleCompiler>> ModuleCompiler::start(boost::asio::io_context& loop, ModulePlan plan, bool keep,
                                                              OnLine on_line, OnDone on_done, OnPass on_pass) {
  for (const auto& place : {cache_directory(), cache_directory() / "modules"}) {
    if (auto made = make_private_directory(place); !made) return tl::unexpected(made.error());
  }
  auto work = TemporaryDirectory::make(cache_directory(), "build");
  if (!work) return tl::unexpected(work.error());
  std::unique_ptr<ModuleCompiler> compiler(new ModuleCompiler(
      loop, std::move(plan), std::move(*work), keep, std::move(on_line), std::move(on_done), std::move(on_pass)));
  if (auto running = compiler->run(loop); !running) return tl::unexpected(running.error());
  return compiler;
}

Result<std::vector<std::string>> arguments_of_shims(const ModulePlan& plan, const std::vector<std::string>& flags) {
  // Not part of the plan: a start from the cache has no need to read what they are judged by.
  auto needed = plan.shims ? needed_shims(*Facts::live(), plan.systemtap, plan.kernel) : std::vector<Misfit>();
  return shim_arguments(needed, cache_directory() / "compat", flags);
}

void confine_compiler(ChildOptions& options, const fs::path& work) {
  // Not ccache's directory, nor the user's of debuginfod: nothing outside of stapkill's cache is written.
  options.environment = {{"LC_ALL", "C"},
                         {"SYSTEMTAP_DIR", (work / "stap").string()},
                         {"TMPDIR", work.string()},
                         {"CCACHE_DISABLE", "1"},
                         {"DEBUGINFOD_CACHE_PATH", (cache_directory() / "debuginfod").string()}};
  options.only_writable = cache_directory().string();
  options.parent_death_signal = SIGTERM;
}

std::vector<std::string> arguments_of_variants(const ModulePlan& plan) {
  if (!asks_for_variants(plan.script)) return {};
  return variant_arguments(*Facts::live(), plan.kernel);
}

Result<void> ModuleCompiler::run(boost::asio::io_context& loop) {
  const auto& work = work_.path();
  ChildOptions options;
  confine_compiler(options, work);
  options.directory = work.string();
  if (auto prepared = prepare_tree(options); !prepared) return prepared;
  auto shims = arguments_of_shims(plan_, compiler_flags_);
  if (!shims) return tl::unexpected(shims.error());
  if (auto wrote = write_file_atomically(work / plan_.script_name, plan_.script); !wrote) return wrote;

  options.argv = {plan_.systemtap.stap, "-v", "-p4", "-m", plan_.name};
  // Behind "--": an argument that begins with a dash is none of stap's options.
  for (const auto& more : {where_, *shims, arguments_of_variants(plan_), plan_.stap_arguments, plan_.target.arguments,
                           std::vector<std::string>{"--", plan_.script_name}, plan_.script_arguments}) {
    options.argv.insert(options.argv.end(), more.begin(), more.end());
  }
  if (keep_) (void)write_file_atomically(work / "command", shell_words(options.argv) + "\n");
  auto child = Child::start(
      loop, options, {}, [this](std::string_view text) { take(text); },
      [this](int status) {
        auto result = finish(status);
        // The callback may end this compiler's life.
        auto done = std::move(on_done_);
        done(std::move(result));
      });
  if (!child) return tl::unexpected(child.error());
  child_ = std::move(*child);
  if (on_pass_) tell_pass();
  return {};
}

Result<void> ModuleCompiler::prepare_tree(ChildOptions& options) {
  if (plan_.tree == PlanTree::shared) return prepare_shared_tree(options);
  auto tree = make_build_tree(work_.path() / "tree", plan_.kernel, plan_.trace_headers, plan_.symbols);
  if (!tree) return tl::unexpected(tree.error());
  where_ = tree->arguments();
  compiler_flags_ = tree->compiler_flags;
  return {};
}

Result<void> ModuleCompiler::prepare_shared_tree(ChildOptions& options) {
  auto points = trace_points_of(plan_.script, plan_.script_arguments, tapset_of(plan_.systemtap));
  std::optional<std::vector<std::string>> headers;
  if (points.complete) {
    headers = trace_headers_of(points.patterns, fs::path(plan_.kernel.source) / "include/trace/events");
    headers->insert(headers->end(), plan_.trace_headers.begin(), plan_.trace_headers.end());
  }
  auto tree = shared_tree(cache_directory(), plan_.systemtap, plan_.kernel, headers, plan_.symbols);
  if (!tree) return tl::unexpected(tree.error());
  auto kept = KeptFiles::lend(cache_directory(), kKeptOfScripts, work_.path() / "stap");
  if (!kept) return tl::unexpected(kept.error());
  kept_ = std::move(*kept);
  options.covered = {{"/boot", tree->boot.string()}};
  where_ = {"-r", tree->build.string()};
  compiler_flags_ = tree->compiler_flags;
  if (!tree->tapset.empty()) options.environment.emplace_back("SYSTEMTAP_TAPSET", tree->tapset.string());
  return {};
}

void ModuleCompiler::tell_pass() {
  auto spent = std::chrono::steady_clock::now() - begun_;
  on_pass_(pass_, static_cast<int>(std::chrono::duration_cast<std::chrono::seconds>(spent).count()));
  ticks_.expires_after(std::chrono::seconds(1));
  ticks_.async_wait([this](boost::system::error_code error) {
    if (!error) tell_pass();
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
  if (keep_ && log_.size() < kMostLog) log_ += text;
  reader_.take(text);
  partial_ += text;
  for (auto end = partial_.find('\n'); end != std::string::npos; end = partial_.find('\n')) {
    take_line(std::string_view(partial_).substr(0, end));
    partial_.erase(0, end + 1);
  }
}

/// A pass has a line of its own when it ends.
void ModuleCompiler::take_line(std::string_view line) {
  if (line.find("exited with signal") != std::string_view::npos) somebody_ended_it_ = true;
  if (on_line_) on_line_(line);
  bool ended =
      line.starts_with("Pass ") && line.size() > 6 && line[6] == ':' && line[5] >= '0' + pass_ && line[5] < '4';
  if (!ended) return;
  pass_ = line[5] - '0' + 1;
  if (on_pass_) tell_pass();
}

Result<Module> ModuleCompiler::finish(int status) {
  ticks_.cancel();
  if (interrupts_ > 0) return fail("interrupted while compiling", {}, "interrupted");
  // Status 1 is also that of a script with an error: what was looked up for it holds all the same.
  if (kept_ && WIFEXITED(status) && !somebody_ended_it_) kept_->keep();
  if (keep_) (void)write_file_atomically(work_.path() / "log", log_);
  fs::path made = work_.path() / module_file(plan_);
  std::error_code error;
  if (status != 0 || !fs::exists(made, error)) return explain_failure(status);

  auto told = run_child({.argv = {plan_.systemtap.stap, "-V"}, .environment = {{"LC_ALL", "C"}}}, 10);
  Module module;
  module.toolchain = "SystemTap";
  if (told) {
    std::string text = told->out + told->err;
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
  fs::rename(ready, folder, error);      // fails when another start was quicker: its module is as good
  if (error && !cached_module(plan_)) {  // or it is nothing to be trusted
    fs::remove_all(folder, error);
    fs::rename(ready, folder, error);
  }
  if (error && !fs::exists(folder / module_file(plan_))) {
    return fail("cannot put the module into " + folder.string() + ": " + error.message());
  }
  prune_cache(folder.parent_path(), std::string(plan_.name == kWatchModule ? kScriptModule : kWatchModule) + ".ko");
  module.file = folder / module_file(plan_);
  if (keep_) module.kept = work_.path();
  return module;
}

std::string describe_pass(int pass) {
  constexpr const char* kPasses[] = {"reading scripts", "looking up the probe points", "translating to C",
                                     "compiling the module"};
  pass = std::clamp(pass, 1, 4);
  return "pass " + std::to_string(pass) + " of 4: " + kPasses[pass - 1];
}

Result<Module> compile_module(ModulePlan plan, bool keep, ModuleCompiler::OnLine on_line,
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
  return done ? *done : fail("the compilation did not end");
}

tl::unexpected<Error> ModuleCompiler::explain_failure(int status) {
  reader_.end();
  const auto* cause = reader_.cause();
  bool known = cause && !cause->message->context;
  // Of an error that is not in the table, its own words say more than that something failed.
  const auto& unknown = reader_.unknown_error();
  const auto* words = unknown && !known && (!cause || unknown->line < cause->line) ? &*unknown : cause;
  Error error;
  error.id = cause ? cause->message->id : "stap.compile";
  // A pass's line comes when it ends, also when it failed: the one that failed is the last that has a line.
  const char* what = plan_.name == kWatchModule ? "the probes" : "the script";
  error.message = std::string("stap could not compile ") + what + " for kernel " + plan_.kernel.release + ": it " +
                  describe_status(status) + " in pass " +
                  std::to_string(reader_.failed_pass().value_or(std::max(reader_.last_pass(), 1)));
  if (words) error.message += ": " + words->text;
  if (cause) {
    auto diagnostic = diagnostic_of(*cause->message, cause->text);
    error.remedy = std::move(diagnostic.remedy);
    error.check = std::move(diagnostic.check);
  }
  if (!known) error.remedy = "run again with -v to see all that stap said, or with --keep to keep it";
  if (keep_) error.message += " (kept in " + work_.path().string() + ")";
  return tl::unexpected(error);
}

}  // namespace stapkill
