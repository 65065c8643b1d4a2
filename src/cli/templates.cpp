#include <fmt/format.h>

#include "cli/command.h"
#include "event/text.h"
#include "script/template.h"

namespace stapkill {
namespace {

constexpr Option kOptions[] = {{"json", 0, "", false, "as JSON"}};

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

std::string as_json() {
  std::string out = "[";
  for (const auto& source : templates()) {
    out += fmt::format("{}\n {{\"name\":{},\"summary\":{},\"needs\":{},\"parameters\":[", out.size() > 1 ? "," : "",
                       quoted(source.name), quoted(source.summary), quoted(source.needs));
    for (std::size_t i = 0; i < source.parameters.size(); ++i) {
      const auto& parameter = source.parameters[i];
      out += fmt::format("{}{{\"name\":{},\"default\":{},\"help\":{}}}", i ? "," : "", quoted(parameter.name),
                         quoted(parameter.fallback), quoted(parameter.help));
    }
    out += "]}";
  }
  return out + "\n]\n";
}

Result<int> run(const Arguments& arguments) {
  if (arguments.has("json")) {
    print_out(as_json());
    return kDone;
  }
  for (const auto& source : templates()) {
    print_out(fmt::format("{}\n  {}\n  needs {}\n", source.name, source.summary, source.needs));
    for (const auto& parameter : source.parameters) {
      print_out(fmt::format("    --set {}={:<12} {}\n", parameter.name, parameter.fallback, parameter.help));
    }
  }
  return kDone;
}

}  // namespace

const Command kTemplatesCommand = {"templates", "[--json]", "list the templates that emit prints", "", kOptions,
                                   0,           run};

}  // namespace stapkill
