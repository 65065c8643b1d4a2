#include "script/emit.h"

#include <fmt/format.h>
#include <unistd.h>

#include "cli/command.h"
#include "script/template.h"

namespace stapkill {
namespace {

constexpr Option kOptions[] = {
    {"pid", 'p', "N", false, "the same as --set pid=N", "pid"},
    {"signal", 's', "SIG", false, "the same as --set signal=SIG"},
    {"set", 0, "NAME=VALUE", true, "give a parameter of the template a value"},
};

Result<int> run(const Arguments& arguments) {
  if (arguments.positional.empty())
    return usage_error("emit wants a template's name", "`stapkill templates` lists them");
  auto source = find_template(arguments.positional.front());
  if (!source) return tl::unexpected(source.error());
  std::map<std::string, std::string> values;
  for (const auto& word : arguments.all("set")) {
    auto equals = word.find('=');
    if (equals == std::string::npos || equals == 0) return usage_error("--set wants NAME=VALUE, not '" + word + "'");
    values[word.substr(0, equals)] = word.substr(equals + 1);
  }
  for (const char* name : {"pid", "signal"}) {
    if (auto value = arguments.one(name)) values[name] = *value;
  }
  auto script = emit_script(**source, values);
  if (!script) return tl::unexpected(script.error());
  print_out(*script);
  return kDone;
}

}  // namespace

const Command kEmitCommand = {
    "emit",
    "TEMPLATE [--pid N] [--signal SIG] [--set NAME=VALUE]…",
    "print a SystemTap script for manual use",
    "\nThe script stands alone; its first lines say what it shows and with which command to run it on this host.\n",
    kOptions,
    1,
    run,
    "template",
};

}  // namespace stapkill
