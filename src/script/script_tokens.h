#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace stapkill {

/// A piece of a SystemTap script.
struct ScriptToken {
  enum class Kind { word, text, sign };
  Kind kind;
  std::string text;  ///< of a string: between its quotes, with its escapes
};

/// Cuts a script into words (names, numbers, wildcards, $1, @1, @macro), strings and signs. Comments and C code are
/// left out; any bytes will do.
std::vector<ScriptToken> script_tokens(std::string_view script);

}  // namespace stapkill
