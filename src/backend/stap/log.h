#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "backend/stap/log_text.h"
#include "backend/stap/messages.h"

namespace stapkill {

/// A known message in a log.
struct Recognised {
  std::size_t line = 0;   ///< of its first occurrence, from 1
  std::size_t count = 0;  ///< of its occurrences
  std::string text;       ///< the first line, cleaned (log_text.h), at most kLongestMessage bytes
  const Message* message = nullptr;
};

/// Where the lines come from: a running program, or people's terminals, mails and browsers, which fold lines.
enum class LogSource { program, pasted };

/// Reads the output of stap, kbuild and staprun and keeps the known messages. Takes pieces of any size; its memory does
/// not grow with the log or with its lines.
class LogReader {
 public:
  LogReader() = default;
  explicit LogReader(LogSource source) : source_(source) {}
  void take(std::string_view bytes);
  /// A last line that has no newline counts too. Nothing may be taken after this.
  void end();

  /// The recognised messages: the cause of the failure first, then other errors, then errors that follow from others,
  /// then warnings, each group in the order of the log. Messages that only say where or that something failed are left
  /// out, unless there is no better one.
  std::vector<Recognised> recognised() const;
  /// The first error that is more than context and follows from nothing else in the log (a warning that an error
  /// follows from counts), else the first error; null without any.
  const Recognised* cause() const;
  /// The message of the log that this one follows from; null for none.
  const Recognised* origin(const Recognised& found) const;
  /// The first pass that said that it failed.
  std::optional<int> failed_pass() const { return failed_pass_; }
  /// The last pass that said anything; 0 when none did.
  int last_pass() const { return last_pass_; }
  /// The first line that mentions an error and is not a known message (its `message` is null).
  const std::optional<Recognised>& unknown_error() const { return unknown_error_; }
  std::size_t lines() const { return lines_; }

 private:
  /// A line whose rest may follow on the next line.
  struct Open {
    Recognised found;            ///< what is recognised so far
    std::string first;           ///< the first line
    std::string blank, nothing;  ///< all lines, joined by a blank or by nothing
    LogLine last;                ///< the last line
    int pieces = 1;
  };

  void take_line(std::string_view line);
  void take_part(std::string_view line);
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
  bool in_line_ = false;  ///< a line has begun and not ended
  std::size_t lines_ = 0;
  int last_pass_ = 0;
  std::optional<int> failed_pass_;
};

}  // namespace stapkill
