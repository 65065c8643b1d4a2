#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stapkill {

/// A variable of a probe point: "$argv" of type "char**".
struct ProbeVariable {
  std::string name, type;
};

/// A line of `stap -L`. Its bytes come from other people's files.
struct ListedProbe {
  std::string point;       ///< all of the probe point, as stap writes it
  std::string group;       ///< its first part: process("/bin/x"), module("ext4"), kernel, syscall
  std::string rest;        ///< the parts after the group, without places: function("main").return
  std::string name;        ///< the function's; "" for none
  std::string file;        ///< its source; "" for unknown
  std::uint64_t line = 0;  ///< in that file, from 1
  std::vector<ProbeVariable> variables;
};

/// Reads a line of `stap -L` (without its newline); none where it is not a probe point. Types are written as stap
/// builds them from DWARF (dwarf_type_name, dwarf_wrappers.cxx, 4.8): words with blanks, "int (*) (void)", "int[]*",
/// "struct {...}*", and C++ names with their arguments in <>.
std::optional<ListedProbe> parse_listed_probe(std::string_view line);

}  // namespace stapkill
