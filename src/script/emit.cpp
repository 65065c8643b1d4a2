#include "script/emit.h"

#include <sys/utsname.h>

#include <algorithm>

#include "base/text.h"
#include "host/kernel_symbols.h"
#include "host/systemtap.h"
#include "script/shims.h"
#include "script/variants.h"
#include "sys/file.h"

namespace stapkill {
namespace {

constexpr std::string_view kDefaultPrefix = "__x64_sys_";

struct HostCommand {
  std::vector<std::string> words;
  std::vector<std::string> remarks;
  std::string kernel;  ///< its release; "" when SystemTap or headers are missing
};

HostCommand host_command(const Template& source, const std::string& body, const std::string& file) {
  HostCommand command;
  command.words = {"stap"};
  auto facts = Facts::live();
  auto systemtap = find_systemtap(*facts);
  if (!systemtap) {
    command.remarks.push_back(systemtap.error().message + ": " + systemtap.error().remedy);
  } else if (auto kernel = find_kernel_build(*facts, running_kernel()); !kernel) {
    command.remarks.push_back(kernel.error().message + ": " + kernel.error().remedy);
  } else {
    command.kernel = kernel->release;
    auto shims = needed_shims(*facts, *systemtap, *kernel);
    auto arguments = shim_arguments(shims, cache_directory() / "compat");
    if (!arguments) {
      command.remarks.push_back("without the shims that this host's stap needs: " + arguments.error().message);
    } else {
      command.words.insert(command.words.end(), arguments->begin(), arguments->end());
      for (const auto& shim : shims)
        command.remarks.push_back("shim " + std::string(shim.name) + ": " + std::string(shim.why));
    }
    if (asks_for_variants(body)) {
      auto variants = variant_arguments(*facts, *kernel);
      command.words.insert(command.words.end(), variants.begin(), variants.end());
      command.remarks.emplace_back("-DSK_HAVE_*: what the headers of kernel " + kernel->release + " have");
    }
  }
  command.words.insert(command.words.end(), source.options.begin(), source.options.end());
  command.words.push_back(file);
  return command;
}

/// What plain stap lacks without a System.map; stapkill provides one.
std::string without_symbols(const Template& source) {
  if (!source.symbols.empty())
    return "plain stap needs a System.map with " + source.symbols.front() +
           " in it, in the kernel's build tree or in /boot; else it fails or leaves probes out";
  if (!source.syscalls.empty()) return "without a System.map plain stap traces every system call to find these";
  return {};
}

bool has_default_function(const Parameter& parameter) {
  return parameter.fallback.starts_with(kDefaultPrefix);
}

/// The command for a host whose stap does not fit its kernel.
std::string run_by_stapkill(const Template& source, const std::string& file) {
  std::vector<std::string> words = {"stapkill", "run"};
  for (const auto& option : source.options) words.push_back("--stap-arg=" + option);
  words.push_back(file);
  return "sudo " + shell_words(words);
}

/// syscall_prefix of the running kernel; when that is unknown, the one in the templates' defaults.
std::string prefix_here(const Template& source) {
  if (std::none_of(source.parameters.begin(), source.parameters.end(), has_default_function))
    return std::string(kDefaultPrefix);

  auto facts = Facts::live();
  auto kernel = find_kernel_build(*facts, running_kernel());
  return kernel ? syscall_prefix(*facts, *kernel) : std::string(kDefaultPrefix);
}

}  // namespace

std::map<std::string, std::string> with_function_names(const Template& source,
                                                       std::map<std::string, std::string> values,
                                                       const std::string& prefix) {
  for (const auto& parameter : source.parameters) {
    if (!has_default_function(parameter)) continue;
    values.try_emplace(parameter.name, prefix + parameter.fallback.substr(kDefaultPrefix.size()));
  }
  return values;
}

Result<std::string> emit_script(const Template& source, const std::map<std::string, std::string>& values,
                                const std::string& file) {
  TRY_ASSIGN(auto bound, bind_parameters(source, with_function_names(source, values, prefix_here(source))));
  auto body = render(source, bound);
  if (!body) return body;
  auto command = host_command(source, *body, file.starts_with('-') ? "./" + file : file);
  std::string text = "#!/usr/bin/env stap\n# " + source.name + ": " + source.summary + "\n# shows: " + source.shows +
                     "\n# needs: " + source.needs + "\n# from: " + source.origin + "\n";
  text += "# run: sudo " + shell_words(command.words) + "\n";
  if (auto lack = without_symbols(source); !lack.empty())
    command.remarks.push_back(lack + "; `stapkill run` needs none");
  if (!command.kernel.empty())
    command.remarks.push_back("for kernel " + command.kernel +
                              " on this host; another host needs SystemTap and its kernel's headers; if its stap does "
                              "not fit its kernel, use stapkill: `" +
                              run_by_stapkill(source, file) + "`");
  for (const auto& remark : command.remarks) text += "#   (" + printable(remark) + ")\n";
  return text + "\n" + *body;
}

}  // namespace stapkill
