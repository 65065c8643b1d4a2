#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace stapkill {

/// Appends bytes as a JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD; control characters are
/// escaped.
void append_json_string(std::string& out, std::string_view bytes);

/// Bytes from another process, safe for a terminal: C0 and C1 controls, DEL, bidirectional overrides and bytes that are
/// not UTF-8 become \n, \t, \x1b, \u202e; a backslash stays as it is. With ascii, every byte above 0x7f is escaped too
/// (a locale without UTF-8).
std::string printable(std::string_view bytes, bool ascii = false);

/// Whether all bytes are valid UTF-8 (RFC 3629).
bool is_utf8(std::string_view bytes);

/// An argv as one line that a shell would read as the same words.
std::string shell_words(const std::vector<std::string>& argv);

/// One word for a POSIX shell, quoted where necessary.
std::string shell_word(std::string_view word);

/// Whether a text has `word` with neither a letter, a digit, '-' nor '.' beside it: "web-0" is not in "web-00". An
/// empty word is in no text.
bool has_whole(std::string_view text, std::string_view word);

/// The lines of a text, without their ends; a last one without an end counts.
std::vector<std::string> lines_of(std::string_view text);

}  // namespace stapkill
