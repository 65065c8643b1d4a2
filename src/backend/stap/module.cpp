#include "backend/stap/module.h"

#include <signal.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/signal_set.hpp>
#include <boost/uuid/name_generator_sha1.hpp>
#include <boost/uuid/uuid_io.hpp>
#include <chrono>

#include "backend/wire.h"
#include "event/text.h"
#include "script/build_tree.h"
#include "script/resources.h"
#include "script/template.h"
#include "script/variants.h"

namespace stapkill {
namespace fs = std::filesystem;
namespace {

constexpr char kScriptFile[] = "watch.stp";
constexpr std::size_t kMostLog = 1 << 20;
constexpr std::size_t kMostCached = 16;

/// How the functions of system calls are named: by machine where the kernel wraps them, which x86_64 does since 4.17
/// (and EL 8's 4.18), arm64 since 4.19; else as in the table of system calls (include/linux/syscalls.h).
std::string syscall_prefix(Facts& facts, const KernelBuild& kernel) {
  utsname name{};
  ::uname(&name);
  std::string machine = name.machine;
  auto wraps = facts.holds(kernel.build + "/.config", "\nCONFIG_ARCH_HAS_SYSCALL_WRAPPER=y\n");
  if (!wraps.value.value_or(false)) return "sys_";
  if (machine == "x86_64") return "__x64_sys_";
  if (machine == "aarch64") return "__arm64_sys_";
  if (machine == "s390x") return "__s390x_sys_";
  return "sys_";
}

constexpr std::string_view kSenders[] = {
    "kill", "tkill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "pidfd_send_signal"};

constexpr std::string_view kAsksForOomKiller = "sysrq_handle_moom";  // drivers/tty/sysrq.c

std::string hash(const std::string& text) {
  boost::uuids::name_generator_sha1 generate(boost::uuids::ns::oid());
  return boost::uuids::to_string(generate(text));
}

std::string key_of(const ModulePlan& plan) {
  std::string text = plan.name + '\n' + plan.systemtap.stap + '\n' + plan.systemtap.stamp + '\n' + plan.kernel.release +
                     '\n' + plan.kernel.build + '\n' + plan.kernel.stamp + '\n' + plan.script;
  for (const auto& argument : plan.stap_arguments) text += '\n' + argument;
  for (const auto& program : plan.programs) text += '\n' + program + '\n' + file_stamp(program);
  for (const auto& header : plan.trace_headers) text += "\ntrace " + header;
  for (const auto& symbol : plan.symbols) text += "\nsymbol " + symbol;
  if (!plan.tree) text += "\nno tree";
  if (!plan.shims) text += "\nno shims";
  for (const auto& file : resources()) {
    if (file.path.starts_with("tapsets/compat/")) text += file.text;
  }
  if (plan.variants) text += variants_text();
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
void finish_plan(Facts& facts, ModulePlan& plan, const Template& source,
                 const std::vector<std::string>& user_arguments) {
  plan.stap_arguments = source.options;
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
  plan->trace_headers = source.trace_headers;
  plan->symbols = source.symbols;
  plan->tree = !source.trace_headers.empty() || !source.symbols.empty() || !source.syscalls.empty();
  auto prefix = syscall_prefix(*facts, plan->kernel);
  for (const auto& call : source.syscalls) plan->symbols.push_back(prefix + call);
  for (const auto& parameter : source.parameters) {
    auto given = values.find(parameter.name);
    const auto& value = given == values.end() ? parameter.fallback : given->second;
    bool program = parameter.kind == Parameter::Kind::code && value.starts_with('/');
    if (program) plan->programs.push_back(value);
    // Debuginfo of the kernel and its modules does not lie below the tree.
    bool debuginfo = (parameter.kind == Parameter::Kind::code && !program) ||
                     (parameter.kind == Parameter::Kind::toggle && parameter.name == "debuginfo" && value == "yes");
    if (debuginfo) plan->tree = false;
  }
  finish_plan(*facts, *plan, source, user_arguments);
  return plan;
}

Result<ModulePlan> plan_module(const std::string& release, const std::vector<std::string>& user_arguments, bool shims) {
  auto facts = Facts::live();
  auto toolchain = plan_toolchain(*facts, release);
  if (!toolchain) return toolchain;
  ModulePlan plan = std::move(*toolchain);
  plan.shims = shims;
  plan.variants = true;

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
  if (facts->holds(events + "oom.h", "(mark_victim,").value.value_or(false)) {  // since 4.13
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
  finish_plan(*facts, plan, **source, user_arguments);
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
                               OnLine on_line, OnDone on_done)
    : plan_(std::move(plan)),
      work_(std::move(work)),
      keep_(keep),
      on_line_(std::move(on_line)),
      on_done_(std::move(on_done)),
      timer_(loop) {
  if (keep_) work_.keep();
}

Result<std::unique_ptr<ModuleCompiler>> ModuleCompiler::start(boost::asio::io_context& loop, ModulePlan plan, bool keep,
                                                              OnLine on_line, OnDone on_done) {
  for (const auto& place : {cache_directory(), cache_directory() / "modules"}) {
    if (auto made = make_private_directory(place); !made) return tl::unexpected(made.error());
  }
  auto work = TemporaryDirectory::make(cache_directory(), "build");
  if (!work) return tl::unexpected(work.error());
  std::unique_ptr<ModuleCompiler> compiler(
      new ModuleCompiler(loop, std::move(plan), std::move(*work), keep, std::move(on_line), std::move(on_done)));
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
  return plan.variants ? variant_arguments(*Facts::live(), plan.kernel) : std::vector<std::string>();
}

Result<void> ModuleCompiler::run(boost::asio::io_context& loop) {
  const auto& work = work_.path();
  std::vector<std::string> where = {"-r", plan_.kernel.release}, flags;
  if (plan_.tree) {
    auto tree = make_build_tree(work / "tree", plan_.kernel, plan_.trace_headers, plan_.symbols, plan_.programs);
    if (!tree) return tl::unexpected(tree.error());
    where = tree->arguments();
    flags = tree->compiler_flags;
  }
  auto shims = arguments_of_shims(plan_, flags);
  if (!shims) return tl::unexpected(shims.error());
  if (auto wrote = write_file_atomically(work / kScriptFile, plan_.script); !wrote) return wrote;

  ChildOptions options;
  options.argv = {plan_.systemtap.stap, "-v", "-p4", "-m", plan_.name};
  for (const auto& more : {where, *shims, arguments_of_variants(plan_), plan_.stap_arguments}) {
    options.argv.insert(options.argv.end(), more.begin(), more.end());
  }
  options.argv.push_back(kScriptFile);
  confine_compiler(options, work);
  options.directory = work.string();
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
  return {};
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
    if (on_line_) on_line_(std::string_view(partial_).substr(0, end));
    partial_.erase(0, end + 1);
  }
}

Result<Module> ModuleCompiler::finish(int status) {
  if (interrupts_ > 0) return fail("interrupted while compiling", {}, "interrupted");
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

Result<Module> compile_module(ModulePlan plan, bool keep, ModuleCompiler::OnLine on_line) {
  boost::asio::io_context loop;
  std::optional<Result<Module>> done;
  auto compiler = ModuleCompiler::start(loop, std::move(plan), keep, std::move(on_line),
                                        [&](Result<Module> module) { done = std::move(module); });
  if (!compiler) return tl::unexpected(compiler.error());
  boost::asio::signal_set signals(loop, SIGINT, SIGTERM, SIGHUP);
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
  error.message = "stap could not compile the probes for kernel " + plan_.kernel.release + ": it " +
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
