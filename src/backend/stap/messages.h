#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/record.h"

namespace stapkill {

/// One message of stap, kbuild, staprun, a module, or the kernel about a module, untranslated, from SystemTap 4.8 to
/// 5.5; of older versions those that people still paste. A row of the tables in messages_*.cpp.
struct Message {
  std::string_view id;
  DiagnosticRecord::Level level;
  std::string_view pattern;  ///< RE2; found anywhere in one line of bytes
  std::string_view cause;    ///< a sentence
  std::string_view remedy;   ///< what to do now, without a full stop
  std::string_view check;    ///< doctor's check for it; "" for none
  std::string_view options;  ///< options for stap that do the last part of the remedy, separated by blanks; "" for none
  std::string_view source;   ///< where it is printed: file and line in SystemTap's sources, or the program
  bool context;              ///< only says where or that something failed: the cause if nothing else is known
  /// Messages that follow from this one in the same log: ids, separated by blanks.
  std::string_view explains;
};

/// All messages. If several fit a line, the first counts.
std::span<const Message* const> messages();

/// The message in a line (without its newline); null for none. Any bytes will do. Prefixes and the like (log_text.h)
/// are ignored, and so are bytes after the first kLongestMessage.
const Message* recognise(std::string_view line);
/// The same for a line from clean_line().
const Message* recognise_clean(std::string_view line);
inline constexpr std::size_t kLongestMessage = 4096;

/// Whether `other` follows from `message` in a log that has both.
bool explains(const Message& message, const Message& other);

/// A message's options for stap, each a word.
std::vector<std::string> options_of(const Message& message);

/// The command that checks the host for a message's cause; "" for none.
std::string doctor_command(const Message& message);

/// What a line of stap's or staprun's standard error means to a user of stapkill: the remedy says how to pass options
/// to stap, and which check of doctor has the commands. `time` is left 0.
std::optional<DiagnosticRecord> explain_message(std::string_view line);
DiagnosticRecord diagnostic_of(const Message& message, std::string_view line);

// The tables, by origin and time of the messages, in the order of messages().
std::span<const Message> running_messages();
std::span<const Message> starting_messages();
std::span<const Message> loading_messages();
std::span<const Message> kernel_messages();
std::span<const Message> crash_messages();
std::span<const Message> preparing_messages();
std::span<const Message> script_messages();
std::span<const Message> probe_messages();
std::span<const Message> analysis_messages();
std::span<const Message> toolchain_messages();
std::span<const Message> building_messages();
std::span<const Message> context_messages();

}  // namespace stapkill
