#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/options.h"

namespace stapkill {

/// Something that a word on the command line can be, and what that is, for a person.
struct Candidate {
  std::string value, description;
};

/// How an option's values are completed: its `values`, else what its `argument` says by itself ("FILE" is a file); ""
/// for what cannot be completed.
std::string_view kind_of_values(const Option& option);

/// The words of a kind that is a list ("auto|always|never"); none of any other.
std::vector<std::string_view> words_of(std::string_view kind);

/// All kinds that candidates_for() knows. "file" and "directory" are none of them: shells complete those themselves.
std::vector<std::string_view> kinds_of_values();

/// What a word that begins with `prefix` can be; empty for an unknown kind. Values and descriptions are safe to print
/// and have no control characters: what is called otherwise is left out, or made printable in descriptions. Of a kind
/// that is a list ("signals"), each value begins with what is there before the last comma. Reads /proc of another root
/// with `proc`.
std::vector<Candidate> candidates_for(std::string_view kind, std::string_view prefix,
                                      const std::string& proc = "/proc");

}  // namespace stapkill
