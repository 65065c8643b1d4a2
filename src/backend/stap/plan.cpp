#include "backend/stap/plan.h"

#include <algorithm>
#include <boost/uuid/name_generator_sha1.hpp>
#include <boost/uuid/uuid_io.hpp>
#include <cctype>
#include <filesystem>

#include "backend/wire.h"
#include "base/resources.h"
#include "host/kernel_symbols.h"
#include "script/header_tests.h"
#include "script/kbuild_options.h"
#include "script/variants.h"
#include "sys/file.h"

namespace stapkill {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kSenders[] = {
    "kill", "tkill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "pidfd_send_signal"};

/// Other functions that the module has a probe at: drivers/tty/sysrq.c, security/security.c.
constexpr std::string_view kFunctions[] = {"sysrq_handle_moom", "security_unix_stream_connect"};

std::string hash(const std::string& text) {
  boost::uuids::name_generator_sha1 generate(boost::uuids::ns::oid());
  return boost::uuids::to_string(generate(text));
}

std::string key_of(const ModulePlan& plan) {
  std::string text = plan.name + '\n' + plan.systemtap.stap + '\n' + plan.systemtap.stamp + '\n' + plan.kernel.release +
                     '\n' + plan.kernel.build + '\n' + plan.kernel.stamp + '\n' + plan.script_name + '\n' + plan.script;
  // With its length, so that two arguments differ from one that holds both.
  for (const auto& argument : plan.script_arguments) text += "\nargument " + std::to_string(argument.size()) + argument;
  const auto& target = plan.target.program;
  if (!plan.target.arguments.empty())
    text += "\ntarget " + plan.target.arguments.front() + ' ' + target + ' ' + file_stamp(target);
  for (const auto& argument : plan.stap_arguments) text += '\n' + argument;
  for (const auto& program : plan.programs) text += '\n' + program + '\n' + file_stamp(program);
  for (const auto& header : plan.trace_headers) text += "\ntrace " + header;
  for (const auto& symbol : plan.symbols) text += "\nsymbol " + symbol;
  if (plan.tree == PlanTree::shared) text += "\nshared tree";
  if (plan.shims == Shims::leave_out) text += "\nno shims";
  for (const auto& file : resources()) {
    if (file.path.starts_with("tapsets/compat/")) text += file.text;
  }
  if (asks_for_variants(plan.script)) text += variants_text();
  return hash(text);
}

fs::path compat_directory() {
  return cache_directory() / "compat";
}

/// A later -DNAME=VALUE replaces an earlier one: stap refuses two values for one name.
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

/// A name that C, make and the shell accept, and that no other file in the build directory has.
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
  TRY_ASSIGN(auto systemtap, find_systemtap(facts));
  plan.systemtap = std::move(systemtap);
  TRY_ASSIGN(auto kernel, find_kernel_build(facts, release));
  plan.kernel = std::move(kernel);
  return plan;
}

/// Adds the template's arguments, those for the kernel, and the user's; then the plan is complete and gets its key.
void finish_plan(Facts& facts, ModulePlan& plan, std::vector<std::string> options,
                 const std::vector<std::string>& user_arguments) {
  plan.stap_arguments = std::move(options);
  auto for_kbuild = kbuild_options(facts, plan.kernel);
  plan.stap_arguments.insert(plan.stap_arguments.end(), for_kbuild.begin(), for_kbuild.end());
  add_arguments(plan.stap_arguments, user_arguments);
  plan.key = key_of(plan);
}

}  // namespace

Result<ModulePlan> plan_script(const Template& source, const std::map<std::string, std::string>& values,
                               const std::string& release, const std::vector<std::string>& user_arguments) {
  TRY_ASSIGN(auto bound, bind_parameters(source, values));
  TRY_ASSIGN(auto script, render(source, bound));
  auto facts = Facts::live();
  auto plan = plan_toolchain(*facts, release);
  if (!plan) return plan;
  plan->name = kScriptModule;
  plan->script = std::move(script);
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
    if (!fs::is_regular_file(value, error)) return fail(phrase("there is no program {}", value));
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

Result<ModulePlan> plan_module(const std::string& release, const std::vector<std::string>& user_arguments,
                               Shims shims) {
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
  TRY_ASSIGN(auto bound, bind_parameters(**source, values));
  TRY_ASSIGN(auto script, render(**source, bound));
  plan.script = std::move(script);

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
  for (auto function : kFunctions) {
    plan.symbols.emplace_back(function);
    plan.probes.push_back("kprobe.function(\"" + plan.symbols.back() + "\")");
  }
  auto options = (*source)->options;
  auto for_stack = unwinder_options(*facts, plan.kernel);
  options.insert(options.end(), for_stack.begin(), for_stack.end());
  finish_plan(*facts, plan, std::move(options), user_arguments);
  return plan;
}

Result<std::vector<std::string>> arguments_of_shims(const ModulePlan& plan, const std::vector<std::string>& flags) {
  // Not part of the plan: a start from the cache need not read the files that decide them.
  auto needed =
      plan.shims == Shims::apply ? needed_shims(*Facts::live(), plan.systemtap, plan.kernel) : std::vector<Misfit>();
  return shim_arguments(needed, compat_directory(), flags);
}

Result<std::vector<std::string>> arguments_of_header_tests(const ModulePlan& plan) {
  return header_test_arguments(*Facts::live(), plan.systemtap, compat_directory());
}

std::vector<std::string> arguments_of_variants(const ModulePlan& plan) {
  if (!asks_for_variants(plan.script)) return {};
  return variant_arguments(*Facts::live(), plan.kernel);
}

}  // namespace stapkill
