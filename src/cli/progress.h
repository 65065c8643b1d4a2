#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "model/record.h"

namespace stapkill {

/// Shows on standard error what stapkill is doing: one changing line on a terminal, plain lines elsewhere.
class Progress {
 public:
  explicit Progress(bool quiet);
  ~Progress();
  /// Shows the current step, and for how many seconds it has run; "" removes it. Nothing when quiet. Off a terminal: a
  /// line when the text changes, and one a minute while it stays.
  void show(const Phrase& text, int seconds = 0);
  /// A line that stays. Nothing when quiet.
  void note(const Phrase& text);
  /// A line that stays, also when quiet. Bytes of other programs are made printable.
  void line(const Phrase& text);
  /// Lines that stay: what went wrong, and below it what to do.
  void diagnostic(const DiagnosticRecord& record);
  /// Whether show()'s line is on a terminal.
  bool is_shown() const { return shown_; }
  /// Called before anything is written.
  void before_writing(std::function<void()> callback) { before_writing_ = std::move(callback); }

 private:
  void put(const std::string& text);
  void clear();
  bool quiet_, terminal_, shown_ = false;
  std::string last_;
  int last_seconds_ = 0;
  std::function<void()> before_writing_;
};

}  // namespace stapkill
