#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "host/systemtap.h"
#include "script/shims.h"
#include "script/template.h"

namespace stapkill {

/// Names of modules. staprun -R writes its pid over the end and keeps the length: "stapkill_watc_131". The first nine
/// characters always stay.
inline constexpr char kWatchModule[] = "stapkill_watching", kScriptModule[] = "stapkill_scripted";

/// The build tree that stap compiles with.
enum class PlanTree {
  own,     ///< the module's own (build_tree.h); without the kernel's debuginfo
  shared,  ///< shared by all scripts (shared_tree.h); what stap looks up in it is kept for the next
};

/// The target process of a script: stap's -x or -c.
struct ScriptTarget {
  std::vector<std::string> arguments;  ///< for both stap and staprun: {"-x", "7942"}
  std::string program;                 ///< the program that runs there; "" for unknown
};

/// Everything that a module is made from. Plans with the same key give the same module.
struct ModulePlan {
  std::string name = kWatchModule;
  SystemTap systemtap;
  KernelBuild kernel;
  std::string script;
  std::string script_name = "watch.stp";      ///< the file's name in stap's messages; ends in ".stp"
  std::vector<std::string> script_arguments;  ///< $1, @1 and so on
  ScriptTarget target;
  std::vector<std::string> probes;          ///< for the session record
  std::vector<std::string> trace_headers;   ///< below include/trace/events
  std::vector<std::string> symbols;         ///< functions with kretprobes
  std::vector<std::string> stap_arguments;  ///< the template's own and the user's --stap-arg
  std::vector<std::string> programs;  ///< programs whose functions it probes: another build of one needs another module
  PlanTree tree = PlanTree::own;
  Shims shims = Shims::apply;
  std::string key;  ///< of the cache
};

/// Plans the watch module for a kernel release with the installed SystemTap; without `shims` as plain stap makes it.
Result<ModulePlan> plan_module(const std::string& release, const std::vector<std::string>& user_arguments,
                               Shims shims = Shims::apply);

/// Plans the module of a template's script for a kernel release.
Result<ModulePlan> plan_script(const Template& source, const std::map<std::string, std::string>& values,
                               const std::string& release, const std::vector<std::string>& user_arguments);

/// A script of the user's own.
struct UserScript {
  std::string file;  ///< its path; "-" for standard input
  std::string text;
  std::vector<std::string> arguments;
  ScriptTarget target;
};

/// Plans the module of a user's own script, unchanged, for a kernel release.
Result<ModulePlan> plan_user_script(UserScript script, const std::string& release,
                                    const std::vector<std::string>& user_arguments);

/// stap's arguments for the shims that the plan needs; their headers are written into the cache. `flags` are further
/// flags for the compiler.
Result<std::vector<std::string>> arguments_of_shims(const ModulePlan& plan, const std::vector<std::string>& flags = {});

/// stap's arguments that make its tests of the kernel's headers faster (script/header_tests.h).
Result<std::vector<std::string>> arguments_of_header_tests(const ModulePlan& plan);

/// stap's arguments that choose the variants of the plan's C; like shims, decided at compile time.
std::vector<std::string> arguments_of_variants(const ModulePlan& plan);

}  // namespace stapkill
