#pragma once

#include <span>
#include <string>
#include <vector>

#include "cli/command.h"

namespace stapkill {

/// A shell's script that completes these commands and the options of every command. Other values come from `stapkill
/// completion values KIND PREFIX` when they are needed.
std::string bash_completion(std::span<const Command* const> commands);
std::string zsh_completion(std::span<const Command* const> commands);
std::string fish_completion(std::span<const Command* const> commands);

/// The options that a command takes, its own first.
std::vector<const Option*> options_of(const Command& command);

/// A text in single quotes, for any shell but fish.
std::string single_quoted(std::string_view text);

/// The first sentence or clause of a help text, which fits beside a word.
std::string_view short_help(const Option& option);

}  // namespace stapkill
