#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "script/literal.h"

namespace stapkill {

/// A parameter that a template declares in its header.
struct Parameter {
  /// The kind of the value. `code`: what holds the functions: an absolute path of a program, `kernel`, or a module's
  /// name; `place`: a source line, FUNCTION@FILE:LINE; `variables`: names of variables, separated by commas; `toggle`
  /// ("switch" in a header): yes or no, which a template uses as a mustache section.
  enum class Kind { pid, signal, number, text, toggle, code, module, function, place, interface, variables };
  Kind kind = Kind::number;
  std::string name, fallback, help;
  bool required = false;  ///< it has no default
};

/// A kind's name in headers: "pid", "switch".
std::string_view kind_name(Parameter::Kind kind);

/// Reads a declaration of a header: "NAME KIND DEFAULT HELP". DEFAULT is one word, "" for empty, `required` for none.
Result<Parameter> parse_parameter(std::string_view text);

/// The value as a literal for the script; a usage error names the parameter, what it expects and the value.
Result<Literal> literal_of(const Parameter& parameter, const std::string& value);

}  // namespace stapkill
