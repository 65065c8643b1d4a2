#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "script/literal.h"

namespace stapkill {

/// A parameter that a template declares in its header.
struct Parameter {
  /// What may be given. `code`: where functions are, an absolute path of a program, `kernel`, or a module's name;
  /// `place`: a source line, FUNCTION@FILE:LINE; `variables`: names of variables between commas; `toggle` ("switch" in
  /// a header): yes or no, which a template asks for as a mustache section.
  enum class Kind { pid, signal, number, text, toggle, code, module, function, place, interface, variables };
  Kind kind = Kind::number;
  std::string name, fallback, help;
  bool required = false;  ///< it has no default
};

/// "pid", "switch": as headers name a kind.
std::string_view kind_name(Parameter::Kind kind);

/// Reads what a header declares: "NAME KIND DEFAULT HELP". DEFAULT is one word, "" for empty, `required` for none.
Result<Parameter> parse_parameter(std::string_view text);

/// A value as it goes into the script; a usage error names the parameter, what it wants and the value.
Result<Literal> literal_of(const Parameter& parameter, const std::string& value);

}  // namespace stapkill
