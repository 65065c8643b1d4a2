#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/options.h"

namespace stapkill {

/// A possible word of the command line, and its description for the user.
struct Candidate {
  std::string value, description;
};

/// The kind of an option's values: its `values`, else what follows from its `argument` ("FILE" is a file); "" when they
/// cannot be completed.
std::string_view kind_of_values(const Option& option);

/// The words of a kind that lists them ("auto|always|never"); none for other kinds.
std::vector<std::string_view> words_of(std::string_view kind);

/// All kinds that candidates_for() knows. Not "file" and "directory": shells complete those themselves.
std::vector<std::string_view> kinds_of_values();

/// The possible words that begin with `prefix`; empty for an unknown kind. Values and descriptions have no control
/// characters: other values are left out, other descriptions made printable. For a list ("signals"), each value begins
/// with the text before the last comma of `prefix`. `proc` is /proc, or that of another root.
std::vector<Candidate> candidates_for(std::string_view kind, std::string_view prefix,
                                      const std::string& proc = "/proc");

}  // namespace stapkill
