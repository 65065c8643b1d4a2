#pragma once

#include <string>
#include <string_view>

namespace stapkill {

/// Where a text stands in a Markdown document.
enum class MarkdownPlace { text, cell };

/// Bytes of other processes as a code span, the one place where Markdown (CommonMark 0.31, 6.1) and what hosts add to
/// it (mentions, references to issues and commits, links, emoji) leave text alone. Printable (base/text.h) on one line;
/// the fence is longer than any run of backticks in it. In a table's cell a pipe becomes \x7c: a cell ends at a pipe,
/// code or not. Right-to-left text does not change the order of what follows it.
std::string markdown_code(std::string_view bytes, MarkdownPlace place = MarkdownPlace::text);

/// A sentence with names of processes in it: words that are only letters, or a name with its pid, are text; all others
/// become code spans.
std::string markdown_prose(std::string_view sentence, MarkdownPlace place = MarkdownPlace::text);

}  // namespace stapkill
