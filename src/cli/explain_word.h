#pragma once

#include <optional>
#include <string>

#include "cli/command.h"
#include "verdict/causes.h"

namespace stapkill {

/// The meanings of a word; at least one of the three.
struct Explained {
  std::string word;
  std::optional<int> status, signal;
  std::optional<Cause> cause;
};

/// Reads an exit status, a signal or a cause. A usage error names the word and similar ones.
Result<Explained> look_up(const std::string& word);

/// For the user: the cause, the signal and the exit status that the word means.
std::string explained_text(const Explained& explained, const Appearance& look);
std::string explained_json(const Explained& explained);

}  // namespace stapkill
