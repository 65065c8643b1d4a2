#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace stapkill {

/// The number that a whole text is; none for another text, and for one that does not fit in.
template <class Number>
std::optional<Number> whole_number(std::string_view text, int base = 10) {
  Number parsed = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), parsed, base);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(parsed) : std::nullopt;
}

/// The same for a number in small hexadecimal digits, with "0x" before it or without.
inline std::optional<std::uint64_t> whole_hex(std::string_view text) {
  if (text.starts_with("0x")) text.remove_prefix(2);
  return whole_number<std::uint64_t>(text, 16);
}

/// A process's id; 0 where the text is none.
inline int pid_in(std::string_view text) {
  auto number = whole_number<int>(text);
  return number && *number > 0 ? *number : 0;
}

}  // namespace stapkill
