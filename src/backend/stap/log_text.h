#pragma once

#include <string>
#include <string_view>

namespace stapkill {

/// A line of a log, as its program wrote it.
struct LogLine {
  std::string text;       ///< without colours, HTML entities and prefixes
  bool stamped = false;   ///< a logger put a prefix before it: it does not continue the line above
  std::size_t width = 0;  ///< columns on a terminal, with prefixes
};

/// Removes what terminals, loggers, mails and web pages add to a line (without its newline): escape codes, time stamps,
/// host and program, marks of quotation, entities, docker's JSON, blank and CR at the end.
LogLine clean_line(std::string_view bytes);

/// A cleaned line with the Chinese messages of gcc, make, bash, yum and libc put back into English, and plain quotation
/// marks. Other words stay.
std::string untranslated(std::string_view line);

/// Whether `rest` can be the rest of `line`, folded at the right edge of a terminal or by a mail program.
bool may_be_folded(const LogLine& line, const LogLine& rest);

}  // namespace stapkill
