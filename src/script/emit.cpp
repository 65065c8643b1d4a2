#include "script/emit.h"

#include <sys/utsname.h>

#include "event/text.h"
#include "host/systemtap.h"
#include "script/shims.h"
#include "script/variants.h"
#include "sys/file.h"

namespace stapkill {
namespace {

struct HostCommand {
  std::vector<std::string> words;
  std::vector<std::string> remarks;
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
    auto shims = needed_shims(*facts, *systemtap, *kernel);
    auto arguments = shim_arguments(shims, cache_directory() / "compat");
    if (!arguments) {
      command.remarks.push_back("without the headers that this host's stap needs: " + arguments.error().message);
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

}  // namespace

Result<std::string> emit_script(const Template& source, const std::map<std::string, std::string>& values) {
  auto bound = bind_parameters(source, values);
  if (!bound) return tl::unexpected(bound.error());
  auto body = render(source, *bound);
  if (!body) return body;
  std::string file = source.name + ".stp";
  auto command = host_command(source, *body, file);
  std::string text = "#!/usr/bin/env stap\n# " + file + ": " + source.summary + "\n# shows: " + source.shows +
                     "\n# needs: " + source.needs + "\n# from: " + source.origin + "\n";
  text += "# run: sudo " + shell_words(command.words) + "\n";
  if (!source.symbols.empty() || !source.syscalls.empty())
    text += "#   (or `stapkill emit` with --run, which needs no System.map)\n";
  for (const auto& remark : command.remarks) text += "#   (" + printable(remark) + ")\n";
  return text + "\n" + *body;
}

}  // namespace stapkill
