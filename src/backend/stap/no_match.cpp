#include "backend/stap/no_match.h"

#include <fmt/format.h>
#include <fnmatch.h>
#include <re2/re2.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "backend/stap/log.h"
#include "base/nearest.h"
#include "base/text.h"
#include "host/elf.h"
#include "host/kallsyms.h"
#include "host/mangled.h"

namespace stapkill {
namespace {

/// What a pattern looks for.
struct Wanted {
  std::string where;     ///< "kernel", "module", "process", "kprobe"
  std::string file;      ///< of process(), or the module's name
  std::string function;  ///< without its @place; "" for none
  std::string place;     ///< "main@x.c:12"; "" for none
};

/// Which of the existing names fit, and which are near.
struct Names {
  bool known = false;  ///< the names could be read
  std::size_t fitting = 0;
  std::string example;  ///< one that fits
  std::string call;     ///< the function of the system call meant: "__x64_sys_open"
  std::vector<std::string> near;
};

Wanted wanted_of(const ProbePoint& point) {
  Wanted wanted;
  const auto& first = point.components.front();
  wanted.where = first.name;
  wanted.file = first.text.value_or("");
  if (wanted.where == "process") wanted.file = absolute_program(wanted.file);
  for (const auto& component : point.components) {
    if (!component.text || (component.name != "function" && component.name != "statement")) continue;
    auto at = component.text->find('@');
    wanted.function = component.text->substr(0, at);
    if (at != std::string::npos) wanted.place = *component.text;
  }
  return wanted;
}

/// Prefixes of system calls' functions since they are no longer sys_… (arch/*/include/asm/syscall_wrapper.h).
struct Renaming {
  std::string_view machine, prefix, compat_prefix;
  int major, minor;  ///< the first kernel with them
};

constexpr Renaming kRenamings[] = {
    {"x86_64", "__x64_sys_", "__ia32_compat_sys_", 4, 17},
    {"aarch64", "__arm64_sys_", "__arm64_compat_sys_", 4, 19},
};

/// "open" for sys_open, SyS_open, SYSC_open (up to Linux 4.16) and __x64_sys_open (since 4.17,
/// arch/x86/include/asm/syscall_wrapper.h).
std::string system_call_of(std::string_view function) {
  for (std::string_view prefix :
       {"sys_", "SyS_", "SYSC_", "compat_sys_", "__x64_sys_", "__ia32_sys_", "__arm64_sys_", "__s390x_sys_"}) {
    if (function.starts_with(prefix) && function.size() > prefix.size())
      return std::string(function.substr(prefix.size()));
  }
  return {};
}

/// The new name of a system call's function, for an old name and a kernel of which only the release is known; "" for
/// other names.
std::string renamed(std::string_view function, const KernelName& kernel) {
  auto call = system_call_of(function);
  const auto* row = std::find_if(std::begin(kRenamings), std::end(kRenamings),
                                 [&](const Renaming& one) { return one.machine == kernel.machine; });
  int major = 0, minor = 0;
  if (call.empty() || function.starts_with("__") || row == std::end(kRenamings) ||
      !RE2::PartialMatch(kernel.release, R"(^(\d+)\.(\d+))", &major, &minor))
    return {};
  if (std::pair(major, minor) < std::pair(row->major, row->minor)) return {};
  return std::string(function.starts_with("compat_") ? row->compat_prefix : row->prefix) + call;
}

bool is_function_of(std::string_view name, const std::string& call) {
  constexpr std::string_view infix = "_sys_";
  if (call.empty() || !name.ends_with(call) || !name.starts_with("__")) return false;
  auto machine = name.substr(2, name.size() - 2 - call.size());  // "x64_sys_"
  // __ia32_sys_ serves 32-bit programs.
  return machine.ends_with(infix) && machine.find('_') == machine.size() - infix.size() && !machine.starts_with("ia32");
}

/// Parts that compilers split off functions (padding, unlikely code): nobody looks for them.
bool is_made(std::string_view name) {
  return name.starts_with("__pfx_") || name.starts_with("__cfi_") || name.find(".cold") != std::string_view::npos;
}

/// Takes every existing name.
class Search {
 public:
  explicit Search(const Wanted& wanted)
      : wild_(wanted.function.find_first_of("*?[") != std::string::npos),
        function_(wanted.function),
        call_(system_call_of(function_)),
        nearest_(wild_ ? "" : function_) {}

  /// Takes the symbol of a program's function. stap matches names as the sources have them, with or without namespaces.
  void take_symbol(std::string_view symbol) {
    auto name = function_.starts_with("_Z") ? "" : function_of_symbol(symbol);
    if (name.empty()) return take(symbol);
    bool qualified = function_.find("::") != std::string::npos;
    take(qualified ? name : std::string_view(name).substr(name.rfind(':') + 1));
  }
  void take(std::string_view name) {
    found_.known = true;
    if (is_made(name)) return;
    bool fits = wild_ ? ::fnmatch(function_.c_str(), std::string(name).c_str(), 0) == 0 : name == function_;
    if (fits && found_.fitting++ == 0) found_.example = name;
    if (found_.call.empty() && is_function_of(name, call_)) found_.call = name;
    if (!fits) nearest_.consider(name);
  }
  Names finish() {
    found_.near = nearest_.names();
    return std::move(found_);
  }

 private:
  bool wild_;
  std::string function_, call_;
  NearestNames nearest_;
  Names found_;
};

Names names_for(const Wanted& wanted, const std::string& proc) {
  Search search(wanted);
  if (wanted.where == "process" && !wanted.file.empty()) {
    (void)for_each_function(Tree(""), wanted.file, [&](std::string_view symbol) { search.take_symbol(symbol); });
  } else {
    // A module's file name may have dashes.
    std::string module = wanted.where == "module" ? wanted.file : "";
    std::replace(module.begin(), module.end(), '-', '_');
    bool all = module.find_first_of("*?[") != std::string::npos;
    for_each_kernel_function(
        [&](const KernelFunction& function) {
          if (all || function.module == module) search.take(function.name);
        },
        proc);
  }
  return search.finish();
}

/// The names in "(similar functions: a, b)"; stap also lists names that are not near.
std::vector<std::string> similar_names(std::string_view complaint) {
  std::vector<std::string> names;
  auto at = complaint.find("(similar");
  if (at == std::string_view::npos) return names;
  auto text = complaint.substr(at, complaint.find(')', at) - at);
  auto colon = text.find(": ");
  if (colon == std::string_view::npos) return names;
  text.remove_prefix(colon + 2);
  while (!text.empty() && names.size() < 10) {
    auto comma = text.find(", ");
    names.emplace_back(text.substr(0, comma));
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 2);
  }
  return names;
}

/// Those of the names that are near the word.
std::vector<std::string> nearest_of(const std::vector<std::string>& names, std::string_view word) {
  NearestNames nearest(word);
  for (const auto& name : names) nearest.consider(name);
  return nearest.names();
}

constexpr std::string_view kCompile = msgid(
    "compile it with -g, or install its package's debuginfo (Debian: PACKAGE-dbgsym; "
    "Fedora: dnf debuginfo-install PACKAGE)");

NoMatch in_kernel(const Wanted& wanted, const Names& names, bool no_debuginfo, const KernelName& kernel) {
  NoMatch why;
  auto call = system_call_of(wanted.function);
  if (auto now = renamed(wanted.function, kernel); !names.known && wanted.where != "module" && !now.empty()) {
    why.id = "renamed-system-call";
    why.cause = phrase("{} is an old name for the function of the system call {}; Linux {} calls it {}",
                       wanted.function, call, kernel.release, now);
    why.instead = {"nd_syscall." + call, fmt::format("kernel.function({})", stap_string(now))};
    return why;
  }
  if (!call.empty() && names.fitting == 0 && !names.call.empty()) {
    why.id = "renamed-system-call";
    why.cause = phrase("there is no function {}: since Linux 4.17 the function of the system call {} is {}",
                       wanted.function, call, names.call);
    why.instead = {"nd_syscall." + call, fmt::format("kernel.function({})", stap_string(names.call))};
    return why;
  }
  if (names.known && names.fitting == 0) {
    why.id = "no-such-name";
    why.cause = wanted.where == "module"
                    ? phrase(
                          "module {} has no function {}: it may be inlined everywhere, or not be built in, or the "
                          "module is not loaded",
                          wanted.file, wanted.function)
                    : phrase("this kernel has no function {}: it may be inlined everywhere, or not be built in",
                             wanted.function);
    why.near = names.near;
    return why;
  }
  if (!no_debuginfo) return why;
  why.id = "no-debuginfo";
  why.need = "debuginfo";
  why.cause =
      !names.known ? phrase("the kernel's debuginfo, in which stap looks for functions, is missing")
      : names.fitting == 1
          ? phrase("{} exists, but the debuginfo in which stap looks for it is missing", names.example)
          : phrase("{} such functions exist, but the debuginfo in which stap looks for them is missing", names.fitting);
  if (names.fitting == 1) why.instead.push_back(fmt::format("kprobe.function({})", stap_string(names.example)));
  if (!call.empty() && names.fitting) why.instead.insert(why.instead.begin(), "nd_syscall." + call);
  return why;
}

NoMatch in_program(const Wanted& wanted, const Names& names, std::string_view complaint) {
  NoMatch why;
  // stap looks for a name without a slash on the PATH; one with wildcards stands for several files.
  bool one_file = wanted.file.find('/') != std::string::npos && wanted.file.find_first_of("*?[") == std::string::npos;
  auto debuginfo = one_file ? ask_debug_info(Tree(""), wanted.file) : Fact<bool>{};
  if (one_file && !debuginfo) {
    why.id = "no-program";
    why.cause = Phrase(wanted.file) + ": " + debuginfo.why;
    why.remedy = phrase("give the full path of the program or library");
    return why;
  }
  if (wanted.function.empty()) return why;
  // The function exists: only stap knows why it cannot be probed.
  if (names.fitting != 0 && wanted.place.empty()) return why;
  why.near = names.near.empty() ? nearest_of(similar_names(complaint), wanted.function) : names.near;
  if (debuginfo && !*debuginfo) {
    why.id = "no-debuginfo";
    why.cause = wanted.place.empty()
                    ? phrase("{} has no debuginfo and no symbol {}", wanted.file, wanted.function)
                    : phrase("{} has no debuginfo, in which stap looks for {}", wanted.file, wanted.place);
    why.remedy = phrase_from(kCompile);
  } else if (!wanted.place.empty()) {
    why.id = "no-such-place";
    why.cause = phrase("{} has nothing at {}", wanted.file, wanted.place);
    why.remedy = phrase("list its source files and lines: stapkill probes {}", shell_word(wanted.file));
  } else {
    why.id = "no-such-name";
    why.cause = phrase("{} has no function {}", wanted.file, wanted.function);
  }
  return why;
}

/// From stap's own output only.
void take_complaint(NoMatch& why, const LogReader& log, std::string_view complaint) {
  if (!why.id.empty()) return;
  const auto* cause = log.cause();
  const auto& unknown = log.unknown_error();
  why.near = similar_names(complaint);
  why.id = cause ? std::string(cause->message->id) : "unknown";
  if (cause && !cause->message->context) {
    why.cause = phrase_from(cause->message->cause);
    why.stops = true;
    why.remedy = phrase_from(cause->message->remedy);
  } else {
    const auto* words = unknown ? &*unknown : cause;
    why.cause = words ? phrase("stap says: {}", words->text) : phrase("stap does not say why");
  }
}

}  // namespace

std::string without_full_stop(const NoMatch& why, std::string cause) {
  for (std::string_view stop : {".", "。"}) {
    if (why.stops && cause.ends_with(stop)) cause.resize(cause.size() - stop.size());
  }
  return cause;
}

NoMatch explain_no_match(const ProbePoint& point, std::string_view complaint, const std::string& proc,
                         const KernelName& kernel) {
  LogReader log;
  log.take(complaint);
  log.end();
  auto wanted = wanted_of(point);
  NoMatch why;
  bool in_the_kernel = wanted.where == "kernel" || wanted.where == "module" || wanted.where == "kprobe";
  if (wanted.where == "process") {
    why = in_program(wanted, names_for(wanted, proc), complaint);
  } else if (in_the_kernel && !wanted.function.empty()) {
    auto known = log.recognised();
    bool without = std::any_of(known.begin(), known.end(), [](const Recognised& found) {
      return found.message->id.starts_with("kernel.debuginfo");
    });
    why = in_kernel(wanted, names_for(wanted, proc), without, kernel);
  }
  take_complaint(why, log, complaint);
  return why;
}

}  // namespace stapkill
