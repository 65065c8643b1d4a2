#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "script/literal.h"
#include "script/parameter.h"

namespace stapkill {

/// A `.stp` template in mustache: every {{name}} is a declared parameter and prints a literal; sections
/// {{#name}}…{{/name}}, {{^name}}…{{/name}} depend on a switch. Header lines ("%! key: value") say what it shows, needs
/// and takes; they are not part of the script.
struct Template {
  std::string name, summary, shows, needs, origin;
  std::string file;                        ///< a user's own; "" for an embedded one
  std::vector<std::string> options;        ///< options that stap needs for it
  std::vector<std::string> trace_headers;  ///< of its tracepoints, below include/trace/events
  std::vector<std::string> symbols;        ///< functions of the kernel that stap must find in a System.map
  std::vector<std::string> syscalls;       ///< system calls that it probes by name
  std::vector<Parameter> parameters;
  std::string body;
};

/// The embedded templates, by name.
const std::vector<Template>& templates();

/// An embedded template; an unknown name is a usage error that lists all names.
Result<const Template*> find_template(std::string_view name);

/// Reads a template's text. Fails on bytes that are not UTF-8, an unknown header key, a {{{ or {{&, an undeclared name
/// and an open section; errors begin with `place`:LINE (`name`:LINE if `place` is empty).
Result<Template> parse_template(std::string name, std::string_view text, std::string place = {});

/// Literals for all parameters, from the user's values by parameter name and the declared defaults. Fails on an
/// undeclared name, a value that is not of its kind, and a missing required one.
Result<std::map<std::string, Literal>> bind_parameters(const Template& source,
                                                       const std::map<std::string, std::string>& values);

/// The script, without a header; partials {{> name}} are the files of tapsets/.
Result<std::string> render(const Template& source, const std::map<std::string, Literal>& values);

}  // namespace stapkill
