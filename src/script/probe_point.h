#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace stapkill {

/// One part of a probe point: `function("main@/src/x.c:12")`.
struct ProbeComponent {
  std::string name;                 ///< "function"; may have wildcards
  std::string argument;             ///< the text in the parentheses, with its quotes; "" for none
  std::optional<std::string> text;  ///< a string argument without quotes and escapes
};

/// A probe point as stap writes it (stapprobes(3stap)): its parts, and its length in the text.
struct ProbePoint {
  std::vector<ProbeComponent> components;
  std::size_t length = 0;
};

/// Reads the probe point at the beginning of a text, up to a blank outside strings or the end; none if there is none.
/// Any bytes will do.
std::optional<ProbePoint> parse_probe_point(std::string_view text);

/// "function(\"main\")".
std::string describe(const ProbeComponent& component);

/// A string as stap reads it: "a\"b" for a"b.
std::string stap_string(std::string_view text);

/// A program's absolute path for process("…"); a name without a slash stays, and stap looks for it on the PATH.
std::string absolute_program(const std::string& path);

/// A user's pattern, as probe points for stap.
struct ProbePattern {
  std::string asked;   ///< the word itself
  std::string first;   ///< the probe point that it means
  std::string second;  ///< what it means if there is no such probe point; "" for nothing
};

/// Reads a pattern: a probe point with or without wildcards, or one of these short forms: PATH (all functions of a
/// program), PATH:FUNCTION (which may have "::"), and a bare name (of a probe point; if there is none, of a kernel
/// function). Usage errors name the word. The result is one probe point, and stap cannot read it as anything else.
Result<ProbePattern> read_probe_pattern(const std::string& word);

}  // namespace stapkill
