#include "cli/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "event/text.h"
#include "sys/charset.h"

namespace stapkill {
namespace {

/// Nobody may be reading any more: that is no reason to stop watching.
void put(const std::string& text) {
  std::fputs(text.c_str(), stderr);
  std::fflush(stderr);
}

}  // namespace

Progress::Progress(bool quiet) : quiet_(quiet), terminal_(::isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() {
  clear();
}

void Progress::clear() {
  if (shown_) put("\r\033[K");
  shown_ = false;
}

void Progress::show(std::string_view text) {
  clear();
  if (quiet_ || text.empty() || text == last_) return;
  last_ = text;
  if (terminal_) {
    bool utf8 = takes_utf8();
    put(fmt::format("stapkill: {} {}", printable(text), utf8 ? "…" : "..."));
    shown_ = true;
  } else if (text.find(": pass ") == std::string_view::npos) {  // a log needs no steps
    put(fmt::format("stapkill: {}\n", printable(text)));
  }
}

void Progress::note(std::string_view text) {
  if (!quiet_) line(text);
}

void Progress::line(std::string_view text) {
  clear();
  while (!text.empty()) {
    auto end = text.find('\n');
    put(fmt::format("stapkill: {}\n", printable(text.substr(0, end))));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
}

}  // namespace stapkill
