#pragma once

#include <string>
#include <string_view>

namespace stapkill {

/// Whether a text of valid UTF-8 holds characters of scripts that are written from right to left (Unicode's
/// bidirectional classes R and AL: Hebrew to Arabic Extended-A, their presentation forms, and U+10800 to U+10FFF,
/// U+1E800 to U+1EFFF).
bool has_right_to_left(std::string_view text);

/// The text with `mark` after each run of such characters, and what stands between them.
std::string with_marks_after_right_to_left(std::string_view text, std::string_view mark);

}  // namespace stapkill
