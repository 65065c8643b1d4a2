#include <fmt/format.h>

#include "base/text.h"
#include "cli/command.h"
#include "script/library.h"

namespace stapkill {
namespace {

constexpr Option kOptions[] = {
    {"json", 0, "", false, msgid("as JSON")},
    {"template-dir", 0, "DIR", true,
     msgid("look for templates in DIR first (then in $XDG_DATA_HOME/stapkill/templates)")},
};

std::string json_text(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

std::string as_json(const Parameter& parameter) {
  return fmt::format("{{\"name\":{},\"kind\":{},\"required\":{},\"default\":{},\"help\":{}}}",
                     json_text(parameter.name), json_text(kind_name(parameter.kind)), parameter.required,
                     json_text(parameter.fallback), json_text(parameter.help));
}

std::string as_json(const std::vector<Template>& sources) {
  std::string out = "[";
  for (const auto& source : sources) {
    out += fmt::format("{}\n {{\"name\":{},\"summary\":{},\"shows\":{},\"needs\":{},\"file\":{},\"parameters\":[",
                       out.size() > 1 ? "," : "", json_text(source.name), json_text(source.summary),
                       json_text(source.shows), json_text(source.needs),
                       source.file.empty() ? std::string("null") : json_text(source.file));
    for (std::size_t i = 0; i < source.parameters.size(); ++i) out += (i ? "," : "") + as_json(source.parameters[i]);
    out += "]}";
  }
  return out + "\n]\n";
}

/// A text of an embedded template, which is a message. A template of the user's may hold any text: it is made printable
/// for the terminal.
std::string shown(std::string_view text) {
  return printable(tr_from(text));
}

std::string as_text(const Template& source) {
  auto text = fmt::format("{}\n  {}\n{}", source.name, shown(source.summary), tr("  needs {}\n", shown(source.needs)));
  if (!source.file.empty()) text += tr("  from {}\n", printable(source.file));
  for (const auto& parameter : source.parameters) {
    auto value =
        parameter.required ? "(" + std::string(kind_name(parameter.kind)) + ")" : printable(parameter.fallback);
    text += fmt::format("    --set {:<22} {}\n", parameter.name + "=" + value, shown(parameter.help));
  }
  return text;
}

Result<int> run(const Arguments& arguments) {
  auto list = list_templates(template_directories(arguments.all("template-dir")));
  for (const auto& error : list.broken) {
    if (error.kind == ErrorKind::usage) return tl::unexpected(error);
  }
  if (arguments.has("json")) {
    print_out(as_json(list.found));
  } else {
    for (const auto& source : list.found) print_out(as_text(source));
  }
  for (const auto& error : list.broken) {
    fmt::print(stderr, "stapkill templates: {}{}\n", printable(error.message.local()),
               error.remedy.empty() ? "" : "\n  " + printable(error.remedy.local()));
  }
  return list.broken.empty() ? kDone : kCouldNot;
}

}  // namespace

constexpr Command kTemplatesCommand = {
    "templates",
    "[--json] [--template-dir DIR]…",
    msgid("list the templates that emit prints, with their parameters"),
    msgid("\nThose of --template-dir and of $XDG_DATA_HOME/stapkill/templates come before the "
          "embedded ones of the same name.\n"),
    kOptions,
    0,
    run};

}  // namespace stapkill
