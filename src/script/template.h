#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "script/literal.h"
#include "sys/result.h"

namespace stapkill {

/// A parameter that a template declares in its header.
struct Parameter {
  enum class Kind { pid, signal, number, text } kind = Kind::number;
  std::string name, fallback, help;
};

/// A `.stp` template: mustache, whose every {{name}} is a declared parameter and prints a literal. Its header lines
/// ("%! key: value") say what it shows, needs and takes; they are not part of the script.
struct Template {
  std::string name, summary, shows, needs, origin;
  std::vector<std::string> options;  ///< that stap needs for it
  std::vector<Parameter> parameters;
  std::string body;
};

/// The embedded templates, by name.
const std::vector<Template>& templates();

/// One of them; an unknown name is a usage error that lists the names that come near.
Result<const Template*> find_template(std::string_view name);

/// Reads a template's text. Fails on an unknown header key, a {{{ or {{&, and a name that is not declared.
Result<Template> parse_template(std::string name, std::string_view text);

/// Values as a user gave them, by parameter name; what is not given takes the declared default. Fails on a name that is
/// not declared and on a value that is not of its kind.
Result<std::map<std::string, Literal>> bind_parameters(const Template& source,
                                                       const std::map<std::string, std::string>& values);

/// The script, without a header of its own: partials {{> name}} are the files of tapsets/.
Result<std::string> render(const Template& source, const std::map<std::string, Literal>& values);

}  // namespace stapkill
