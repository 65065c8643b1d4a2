#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace stapkill {

/// How many columns of a terminal a text of one line takes: wide characters (Chinese, Japanese, Korean, emoji) take
/// two, combining ones none, colours (CSI … m) none. A byte that is not UTF-8 takes one.
std::size_t columns_of(std::string_view text);

/// The longest beginning of a text that takes at most `width` columns.
std::string_view first_columns(std::string_view text, std::size_t width);

/// A text broken into lines of at most `width` columns (0: one line): at blanks, and beside wide characters, whose
/// languages have no blanks. No line begins with a wide comma or closing bracket, none ends with an opening one. A word
/// that is wider than a line is broken within. A colour ends with its line and begins again on the next.
std::vector<std::string> folded(std::string_view text, std::size_t width);

/// A text that takes at most `width` columns (0: any): what is too much is cut, and marked by an ellipsis.
std::string cut(std::string_view text, std::size_t width, bool utf8);

/// A text and blanks up to `width` columns.
std::string padded(std::string_view text, std::size_t width);

}  // namespace stapkill
