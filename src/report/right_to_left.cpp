#include "report/right_to_left.h"

#include <algorithm>
#include <cstdint>

namespace stapkill {
namespace {

struct Character {
  std::uint32_t point;
  std::size_t bytes;
};

/// Of a text that is valid UTF-8.
Character first_of(std::string_view text) {
  auto byte = [&](std::size_t at) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[at])); };
  std::size_t length = byte(0) < 0x80 ? 1 : byte(0) < 0xe0 ? 2 : byte(0) < 0xf0 ? 3 : 4;
  length = std::min(length, text.size());
  std::uint32_t point = length == 1 ? byte(0) : byte(0) & (0xffU >> (length + 1));
  for (std::size_t at = 1; at < length; ++at) point = point << 6 | (byte(at) & 0x3f);
  return {point, length};
}

bool is_right_to_left(std::uint32_t point) {
  return (point >= 0x590 && point < 0x900) || (point >= 0xfb1d && point < 0xfe00) ||
         (point >= 0xfe70 && point < 0xff00) || (point >= 0x10800 && point < 0x11000) ||
         (point >= 0x1e800 && point < 0x1f000);
}

}  // namespace

bool has_right_to_left(std::string_view text) {
  while (!text.empty()) {
    auto [point, bytes] = first_of(text);
    if (is_right_to_left(point)) return true;
    text.remove_prefix(bytes);
  }
  return false;
}

std::string with_marks_after_right_to_left(std::string_view text, std::string_view mark) {
  std::string out, blanks;  // blanks between two such words are part of the run
  bool inside = false;
  while (!text.empty()) {
    auto [point, bytes] = first_of(text);
    bool now = is_right_to_left(point);
    if (inside && text[0] == ' ') {
      blanks += ' ';
    } else {
      out += inside && !now ? std::string(mark) + blanks : blanks;
      blanks.clear();
      inside = now;
      out += text.substr(0, bytes);
    }
    text.remove_prefix(bytes);
  }
  return (inside ? out + std::string(mark) : out) + blanks;
}

}  // namespace stapkill
