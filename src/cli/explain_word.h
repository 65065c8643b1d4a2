#pragma once

#include <optional>
#include <string>

#include "cli/command.h"
#include "verdict/causes.h"

namespace stapkill {

/// What a word can stand for; at least one of the three.
struct Explained {
  std::string word;
  std::optional<int> status, signal;
  std::optional<Cause> cause;
};

/// Reads an exit status, a signal or a cause. A usage error names the word, and those that it may have been meant for.
Result<Explained> look_up(const std::string& word);

/// For a person: the cause, the signal and the exit status, as far as the word stands for them.
std::string explained_text(const Explained& explained, const Appearance& look);
std::string explained_json(const Explained& explained);

}  // namespace stapkill
