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
  std::string argument;             ///< what stands in the parentheses, with its quotes; "" for none
  std::optional<std::string> text;  ///< the argument where it is a string, without quotes and escapes
};

/// A probe point as stap writes it (stapprobes(3stap)): its parts, and how many bytes of the text it is.
struct ProbePoint {
  std::vector<ProbeComponent> components;
  std::size_t length = 0;
};

/// Reads the probe point that a text begins with, up to a blank that is in no string or its end; none where there is
/// none. Any bytes will do.
std::optional<ProbePoint> parse_probe_point(std::string_view text);

/// "function(\"main\")".
std::string describe(const ProbeComponent& component);

/// A string as stap reads it: "a\"b" for a"b.
std::string stap_string(std::string_view text);

/// A program's path as process("…") takes it, from the root; a name without a slash is left to stap, which looks for
/// it on the PATH.
std::string absolute_program(const std::string& path);

/// What a user asks for, as stap is to be asked.
struct ProbePattern {
  std::string asked;   ///< the word itself
  std::string first;   ///< the probe point that it is
  std::string second;  ///< what it is where there is no such probe point; "" for nothing
};

/// Reads a pattern: a probe point with or without wildcards, or one of these short forms: PATH (all functions of a
/// program), PATH:FUNCTION (which may have "::"), and a bare name (that of a probe point; where there is none, of a
/// kernel function). Usage errors name the word. What it lets through is one probe point and cannot be read by stap as
/// anything else.
Result<ProbePattern> read_probe_pattern(const std::string& word);

}  // namespace stapkill
