#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "backend/stap/messages.h"

namespace stapkill {

/// A message that a log holds.
struct Recognised {
  std::size_t line = 0;   ///< where it stands first, from 1
  std::size_t count = 0;  ///< how many lines are it
  std::string text;       ///< the first of them, at most kLongestMessage bytes
  const Message* message = nullptr;
};

/// Reads what stap, kbuild and staprun said and keeps what it means. Takes pieces of any size; what it keeps does not
/// grow with the log or with its lines.
class LogReader {
 public:
  void take(std::string_view bytes);
  /// A last line that has no newline counts too. Nothing may be taken after this.
  void end();

  /// What was recognised: the cause of the failure first, then the other errors, then the warnings, each in the order
  /// of the log. Lines that only say where or that something failed are left out, but for the one that is the best
  /// there is.
  std::vector<Recognised> recognised() const;
  /// The first error that is more than context, else the first error; null without any.
  const Recognised* cause() const;
  /// The first pass that said that it failed.
  std::optional<int> failed_pass() const { return failed_pass_; }
  /// The last pass that said anything; 0 when none did.
  int last_pass() const { return last_pass_; }
  /// The first line that speaks of an error and is no known message (its `message` is null).
  const std::optional<Recognised>& unknown_error() const { return unknown_error_; }
  std::size_t lines() const { return lines_; }

 private:
  void take_line(std::string_view line);
  bool explained() const;

  std::vector<Recognised> found_;  ///< by first line
  std::optional<Recognised> unknown_error_;
  std::string partial_;
  bool in_line_ = false;  ///< bytes of a line came whose newline has not
  std::size_t lines_ = 0;
  int last_pass_ = 0;
  std::optional<int> failed_pass_;
};

}  // namespace stapkill
