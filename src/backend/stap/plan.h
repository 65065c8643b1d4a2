#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "host/systemtap.h"
#include "script/shims.h"
#include "script/template.h"

namespace stapkill {

/// What modules are called. staprun -R writes its pid over the end, keeping the length: "stapkill_watc_131". The first
/// nine characters stay whatever the pid.
inline constexpr char kWatchModule[] = "stapkill_watching", kScriptModule[] = "stapkill_scripted";

/// With which build tree stap compiles.
enum class PlanTree {
  own,     ///< a module's own (build_tree.h): it sees no debuginfo of the kernel
  shared,  ///< that of all scripts (shared_tree.h); what stap looks up in it is kept for the next
};

/// The process that a script is about: stap's -x or -c.
struct ScriptTarget {
  std::vector<std::string> arguments;  ///< for stap and staprun alike: {"-x", "7942"}
  std::string program;                 ///< what runs there, as far as that can be told
};

/// Everything that a module is made from: two plans with the same key give the same module.
struct ModulePlan {
  std::string name = kWatchModule;
  SystemTap systemtap;
  KernelBuild kernel;
  std::string script;
  std::string script_name = "watch.stp";      ///< by which stap names places in it; ends in ".stp"
  std::vector<std::string> script_arguments;  ///< $1, @1 and so on
  ScriptTarget target;
  std::vector<std::string> probes;          ///< for the session record
  std::vector<std::string> trace_headers;   ///< below include/trace/events
  std::vector<std::string> symbols;         ///< functions that it puts kretprobes on
  std::vector<std::string> stap_arguments;  ///< the template's own and the user's --stap-arg
  std::vector<std::string> programs;        ///< whose functions it probes: another build of one is another module
  PlanTree tree = PlanTree::own;
  Shims shims = Shims::apply;
  std::string key;  ///< of the cache
};

/// Plans the module for a kernel release with the installed SystemTap; without `shims` as plain stap would have it.
Result<ModulePlan> plan_module(const std::string& release, const std::vector<std::string>& user_arguments,
                               Shims shims = Shims::apply);

/// Plans the module of a template's script for a kernel release.
Result<ModulePlan> plan_script(const Template& source, const std::map<std::string, std::string>& values,
                               const std::string& release, const std::vector<std::string>& user_arguments);

/// A script of the user's own.
struct UserScript {
  std::string file;  ///< where it came from; "-" for standard input
  std::string text;
  std::vector<std::string> arguments;
  ScriptTarget target;
};

/// Plans the module of a user's own script, as it is, for a kernel release.
Result<ModulePlan> plan_user_script(UserScript script, const std::string& release,
                                    const std::vector<std::string>& user_arguments);

/// stap's arguments for the shims that the plan needs; their headers are written into the cache. `flags` are for the
/// compiler besides.
Result<std::vector<std::string>> arguments_of_shims(const ModulePlan& plan, const std::vector<std::string>& flags = {});

/// stap's arguments by which the plan's C is chosen: as with shims, found out when it is compiled.
std::vector<std::string> arguments_of_variants(const ModulePlan& plan);

}  // namespace stapkill
