#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "script/literal.h"
#include "script/parameter.h"

namespace stapkill {

/// A `.stp` template: mustache, whose every {{name}} is a declared parameter and prints a literal, and whose sections
/// {{#name}}…{{/name}}, {{^name}}…{{/name}} ask for a switch. Its header lines ("%! key: value") say what it shows,
/// needs and takes; they are not part of the script.
struct Template {
  std::string name, summary, shows, needs, origin;
  std::string file;                        ///< a user's own; "" for an embedded one
  std::vector<std::string> options;        ///< that stap needs for it
  std::vector<std::string> trace_headers;  ///< below include/trace/events, of the tracepoints that it probes
  std::vector<std::string> symbols;        ///< functions of the kernel that stap must know to be there
  std::vector<std::string> syscalls;       ///< system calls that it probes by name
  std::vector<Parameter> parameters;
  std::string body;
};

/// The embedded templates, by name.
const std::vector<Template>& templates();

/// One of them; an unknown name is a usage error that lists the names there are.
Result<const Template*> find_template(std::string_view name);

/// Reads a template's text. Fails on bytes that are no UTF-8, an unknown header key, a {{{ or {{&, a name that is not
/// declared and a section that is not closed; errors begin with `place`:LINE (`name` where that is empty).
Result<Template> parse_template(std::string name, std::string_view text, std::string place = {});

/// Values as a user gave them, by parameter name; what is not given takes the declared default. Fails on a name that is
/// not declared, a value that is not of its kind, and a required one that is missing.
Result<std::map<std::string, Literal>> bind_parameters(const Template& source,
                                                       const std::map<std::string, std::string>& values);

/// The script, without a header of its own: partials {{> name}} are the files of tapsets/.
Result<std::string> render(const Template& source, const std::map<std::string, Literal>& values);

}  // namespace stapkill
