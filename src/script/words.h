#pragma once

#include <string_view>

namespace stapkill {

/// The text without blanks at its ends.
inline std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

/// Removes the first word from a text and returns it; "" when there is none.
inline std::string_view take_word(std::string_view& text) {
  text = trim(text);
  auto space = text.find(' ');
  auto word = text.substr(0, space);
  text = space == std::string_view::npos ? std::string_view() : trim(text.substr(space + 1));
  return word;
}

}  // namespace stapkill
