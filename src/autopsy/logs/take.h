#pragma once

#include <charconv>
#include <optional>
#include <string_view>

namespace stapkill {

// Parts of a line, taken from its front. What cannot be taken stays.

inline bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

inline bool take_char(std::string_view& text, char one) {
  if (!text.starts_with(one)) return false;
  text.remove_prefix(1);
  return true;
}

/// Takes blanks; how many there were.
inline std::size_t take_blanks(std::string_view& text) {
  auto count = text.find_first_not_of(' ');
  if (count == std::string_view::npos) count = text.size();
  text.remove_prefix(count);
  return count;
}

/// A number of at least `least` and at most `most` digits.
template <typename Number>
bool take_digits(std::string_view& text, std::size_t least, std::size_t most, Number& value) {
  std::size_t count = 0;
  while (count < text.size() && count < most && is_digit(text[count])) ++count;
  if (count < least || count == 0) return false;
  auto read = std::from_chars(text.data(), text.data() + count, value);
  if (read.ec != std::errc()) return false;
  text.remove_prefix(count);
  return true;
}

/// What is before the next blank.
inline std::string_view first_word(std::string_view text) {
  return text.substr(0, text.find(' '));
}

}  // namespace stapkill
