#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/options.h"

namespace stapkill {

inline constexpr int kDone = 0, kCouldNot = 1, kUsage = 2, kOwnFault = 3;  ///< stapkill(1)

/// A command: its help, its options, and the function that runs it.
struct Command {
  /// `summary` and `details` are messages, for tr_from().
  std::string_view name, arguments, summary, details;
  std::span<const Option> options;
  std::size_t most_positional;
  /// Returns the exit status, or an error that main reports.
  Result<int> (*run)(const Arguments& arguments);
  std::string_view values = {};  ///< what its words can be, as in Option::values
  bool takes_rest = false;       ///< takes the words after "--"
};

extern const Command kDoctorCommand, kWatchCommand, kEmitCommand, kTemplatesCommand, kExplainCommand, kReplayCommand;
extern const Command kProbesCommand, kRunCommand, kCompletionCommand, kRecordCommand, kWhyCommand;
extern const Command kFramesCommand;  ///< only for stapkill itself: it is not among commands()

/// All commands, in the order of the help.
std::span<const Command* const> commands();

/// Runs one command line (without the program's name): the exit status of the process.
int run_command_line(std::vector<std::string> words);

/// Writes to standard output; main reports errors.
void print_out(const std::string& text);

/// Flushes standard output. Returns errno of the first write to it that failed; 0: all was written.
int output_failure();

/// How standard output may look: colour by --color, NO_COLOR and the terminal; UTF-8 by the locale.
struct Appearance {
  bool color, utf8, terminal;
  int width;
};
Result<Appearance> appearance_of(const Arguments& arguments);

}  // namespace stapkill
