#include "cli/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "event/text.h"

namespace stapkill {

Progress::Progress(bool quiet) : quiet_(quiet), terminal_(::isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() {
  clear();
}

void Progress::clear() {
  if (shown_) fmt::print(stderr, "\r\033[K");
  shown_ = false;
}

void Progress::show(std::string_view text) {
  clear();
  if (quiet_ || text.empty() || text == last_) return;
  last_ = text;
  if (terminal_) {
    fmt::print(stderr, "stapkill: {} …", printable(text));
    std::fflush(stderr);
    shown_ = true;
  } else if (text.find(": pass ") == std::string_view::npos) {  // a log needs no steps
    fmt::print(stderr, "stapkill: {}\n", printable(text));
  }
}

void Progress::line(std::string_view text) {
  clear();
  while (!text.empty()) {
    auto end = text.find('\n');
    fmt::print(stderr, "stapkill: {}\n", printable(text.substr(0, end)));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
}

}  // namespace stapkill
