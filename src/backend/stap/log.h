#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "backend/stap/log_text.h"
#include "backend/stap/messages.h"

namespace stapkill {

/// A message that a log holds.
struct Recognised {
  std::size_t line = 0;   ///< where it stands first, from 1
  std::size_t count = 0;  ///< how many lines are it
  std::string text;       ///< the first of them, cleaned (log_text.h), at most kLongestMessage bytes
  const Message* message = nullptr;
};

/// How the lines came: from a program that is running, or through people's terminals, mails and browsers, which fold.
enum class LogSource { program, pasted };

/// Reads what stap, kbuild and staprun said and keeps what it means. Takes pieces of any size; what it keeps does not
/// grow with the log or with its lines.
class LogReader {
 public:
  LogReader() = default;
  explicit LogReader(LogSource source) : source_(source) {}
  void take(std::string_view bytes);
  /// A last line that has no newline counts too. Nothing may be taken after this.
  void end();

  /// What was recognised: the cause of the failure first, then the other errors, then those that follow from others,
  /// then the warnings, each in the order of the log. Lines that only say where or that something failed are left out,
  /// but for the one that is the best there is.
  std::vector<Recognised> recognised() const;
  /// The first error that is more than context and follows from nothing else in the log (a warning from which an error
  /// follows is one), else the first error; null without any.
  const Recognised* cause() const;
  /// What another message of the log follows from; null when it stands for itself.
  const Recognised* origin(const Recognised& found) const;
  /// The first pass that said that it failed.
  std::optional<int> failed_pass() const { return failed_pass_; }
  /// The last pass that said anything; 0 when none did.
  int last_pass() const { return last_pass_; }
  /// The first line that speaks of an error and is no known message (its `message` is null).
  const std::optional<Recognised>& unknown_error() const { return unknown_error_; }
  std::size_t lines() const { return lines_; }

 private:
  /// A line that waits for the next one, which may be the rest of it.
  struct Open {
    Recognised found;            ///< as much of it as is known
    std::string first;           ///< the first line
    std::string blank, nothing;  ///< all lines, joined by a blank or by nothing
    LogLine last;                ///< the last line
    int pieces = 1;
  };

  void take_line(std::string_view line);
  const Message* message_of(std::string_view text);
  bool goes_on(const LogLine& line);
  void close();
  void record(Recognised found);
  void note_unknown(std::size_t line, std::string_view text);
  void note_pass(std::string_view text, const Message* message);
  bool stands(const Recognised& found) const;

  LogSource source_ = LogSource::program;
  std::vector<Recognised> found_;  ///< by first line
  std::optional<Recognised> unknown_error_;
  std::optional<Open> open_;
  std::string probe_;       ///< the probe point that stap said it was resolving
  bool resolving_ = false;  ///< its line comes next
  std::string partial_;
  bool in_line_ = false;  ///< bytes of a line came whose newline has not
  std::size_t lines_ = 0;
  int last_pass_ = 0;
  std::optional<int> failed_pass_;
};

}  // namespace stapkill
