#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/record.h"

namespace stapkill {

/// One message of stap, kbuild, staprun, a module or the kernel about it, as SystemTap 4.8 to 5.5 print them
/// untranslated; older ones where people still paste them. A row of the tables in messages_*.cpp.
struct Message {
  std::string_view id;
  DiagnosticRecord::Level level;
  std::string_view pattern;  ///< RE2; found anywhere in one line of bytes
  std::string_view cause;    ///< a sentence
  std::string_view remedy;   ///< what to do now, without a full stop
  std::string_view check;    ///< the check of doctor that goes with it; "" for none
  std::string_view options;  ///< stap's options with which a rerun does the last part of the remedy, by blanks; "" none
  std::string_view source;   ///< who prints it: file and line in SystemTap's sources, or the program
  bool context;              ///< says where or that something failed; the cause only when nothing else is known
  /// Messages (their ids, by blanks) that follow from this one in the same log.
  std::string_view explains;
};

/// All messages. Of two that fit a line the first counts.
std::span<const Message* const> messages();

/// The message that a line is (without its newline); null for lines that mean nothing to a person. Any bytes will do;
/// what is not the message's own (log_text.h) is overlooked, and so is what stands behind the first kLongestMessage
/// bytes.
const Message* recognise(std::string_view line);
/// The same of a line that is clean already.
const Message* recognise_clean(std::string_view line);
inline constexpr std::size_t kLongestMessage = 4096;

/// Whether the second message follows from the first where a log has both.
bool explains(const Message& message, const Message& other);

/// stap's options of a message, each a word.
std::vector<std::string> options_of(const Message& message);

/// The command that looks at the host for a message; "" where there is none.
std::string doctor_command(const Message& message);

/// What a line of stap's or staprun's standard error means for whoever runs stapkill: its remedy says how to hand an
/// option to stap, and which check of doctor has the commands. `time` is left 0.
std::optional<DiagnosticRecord> explain_message(std::string_view line);
DiagnosticRecord diagnostic_of(const Message& message, std::string_view line);

// The tables, by who speaks and when; messages() has them in this order.
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
