#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/options.h"

namespace stapkill {

inline constexpr int kDone = 0, kCouldNot = 1, kUsage = 2, kOwnFault = 3;  ///< stapkill(1)

/// A command: what its help says, the options that it takes, and what runs it.
struct Command {
  std::string_view name, arguments, summary, details;
  std::span<const Option> options;
  std::size_t most_positional;
  /// The exit status, or an error that main tells.
  Result<int> (*run)(const Arguments& arguments);
  std::string_view values = {};  ///< what its words can be, as Option::values
  bool takes_rest = false;       ///< words behind "--"
};

extern const Command kDoctorCommand, kWatchCommand, kEmitCommand, kTemplatesCommand, kExplainCommand, kReplayCommand;
extern const Command kProbesCommand, kRunCommand, kCompletionCommand;

/// All commands, in the order in which help lists them.
std::span<const Command* const> commands();

/// Runs one command line (without the program's name): the exit status of the process.
int run_command_line(std::vector<std::string> words);

/// Writes to standard output; main reports what went wrong with it.
void print_out(const std::string& text);

/// How standard output may look: colour by --color, NO_COLOR and the terminal; UTF-8 by the locale.
struct Appearance {
  bool color, utf8, terminal;
  int width;
};
Result<Appearance> appearance_of(const Arguments& arguments);

}  // namespace stapkill
