#include "cli/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "base/text.h"
#include "sys/charset.h"

namespace stapkill {
namespace {

constexpr int kQuiet = 60;  // seconds between lines, off a terminal

}  // namespace

Progress::Progress(bool quiet) : quiet_(quiet), terminal_(::isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() {
  clear();
}

/// Ignores errors: a closed standard error is no reason to stop watching.
void Progress::put(const std::string& text) {
  if (before_writing_) before_writing_();
  std::fputs(text.c_str(), stderr);
  std::fflush(stderr);
}

void Progress::clear() {
  if (shown_) put("\r\033[K");
  shown_ = false;
}

void Progress::show(const Phrase& phrase, int seconds) {
  auto text = phrase.local();
  clear();
  if (quiet_ || text.empty()) return;
  auto spent = seconds > 0 ? fmt::format(", {} s", seconds) : "";
  if (terminal_) {
    put(fmt::format("stapkill: {}{} {}", printable(text), spent, takes_utf8() ? "…" : "..."));
    shown_ = true;
    return;
  }
  if (text == last_ && seconds < last_seconds_ + kQuiet) return;
  last_ = text;
  last_seconds_ = seconds;
  put(fmt::format("stapkill: {}{}\n", printable(text), spent));
}

void Progress::note(const Phrase& text) {
  if (!quiet_) line(text);
}

void Progress::line(const Phrase& phrase) {
  clear();
  auto all = phrase.local();
  std::string_view text = all;
  while (!text.empty()) {
    auto end = text.find('\n');
    put(fmt::format("stapkill: {}\n", printable(text.substr(0, end))));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
}

void Progress::diagnostic(const DiagnosticRecord& record) {
  line(record.remedy.empty() ? record.message : record.message + "\n  " + record.remedy);
}

}  // namespace stapkill
