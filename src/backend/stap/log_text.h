#pragma once

#include <string>
#include <string_view>

namespace stapkill {

/// A line of a log, as the program that it comes from wrote it.
struct LogLine {
  std::string text;       ///< without colours, HTML entities and what stands before the message
  bool stamped = false;   ///< a logger wrote something before it: it does not go on with the line above
  std::size_t width = 0;  ///< its columns on a terminal, with what stood before it
};

/// Takes away what a terminal, a logger, a mail or a web page put around a line (without its newline): escape codes,
/// time stamps, host and program, marks of quotation, entities, docker's JSON, blank and CR at the end.
LogLine clean_line(std::string_view bytes);

/// A cleaned line with its Chinese messages of gcc, make, bash, yum and libc as they are in the C locale, and plain
/// quotation marks. Other words stay.
std::string untranslated(std::string_view line);

/// Whether a line can be the rest of one that was folded at the right edge of a terminal or by a mail program.
bool may_be_folded(const LogLine& line, const LogLine& rest);

}  // namespace stapkill
