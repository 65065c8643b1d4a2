#include "base/text.h"

#include <array>
#include <cstdint>
#include <utility>

namespace stapkill {
namespace {

constexpr char kHex[] = "0123456789abcdef";

/// Length of the valid UTF-8 sequence at the front (RFC 3629), 0 for none; sets `point` to its code point.
std::size_t utf8_sequence(std::string_view text, std::uint32_t& point) {
  auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  unsigned char lead = byte(0);
  std::size_t length = lead < 0x80                   ? 1
                       : lead >= 0xc2 && lead < 0xe0 ? 2
                       : (lead & 0xf0) == 0xe0       ? 3
                       : lead >= 0xf0 && lead < 0xf5 ? 4
                                                     : 0;
  if (length == 0 || length > text.size()) return 0;
  point = length == 1 ? lead : lead & (0xff >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
    point = point << 6 | (byte(i) & 0x3f);
  }
  constexpr std::array<std::uint32_t, 5> least = {0, 0, 0x80, 0x800, 0x10000};
  bool surrogate = point >= 0xd800 && point < 0xe000;
  return point < least[length] || surrogate || point > 0x10ffff ? 0 : length;
}

bool plain_json(unsigned char c) {
  return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/// A control character: its usual short form, else `prefix` and two hexadecimal digits.
void append_escape(std::string& out, unsigned char c, std::string_view prefix) {
  constexpr std::pair<unsigned char, std::string_view> known[] = {{'\n', "\\n"}, {'\r', "\\r"}, {'\t', "\\t"}};
  for (const auto& [character, form] : known) {
    if (c == character) {
      out += form;
      return;
    }
  }
  out += prefix;
  out += kHex[c >> 4];
  out += kHex[c & 15];
}

void append_json_escape(std::string& out, unsigned char c) {
  if (c == '"' || c == '\\') {
    out += '\\';
    out += static_cast<char>(c);
  } else {
    append_escape(out, c, "\\u00");
  }
}

/// Characters that change how a terminal shows what follows (Unicode's bidirectional formatting, TR 9).
bool deceives(std::uint32_t point) {
  return (point >= 0x80 && point < 0xa0) || point == 0x200e || point == 0x200f ||
         (point >= 0x2028 && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069) || point == 0xfeff;
}

void append_byte_escape(std::string& out, unsigned char c) {
  append_escape(out, c, "\\x");
}

void append_point_escape(std::string& out, std::uint32_t point) {
  out += "\\u";
  for (int shift : {12, 8, 4, 0}) out += kHex[point >> shift & 15];
}

/// How many bytes at the beginning need no escape in JSON.
std::size_t plain_part(std::string_view bytes) {
  std::size_t plain = 0;
  while (plain < bytes.size() && plain_json(static_cast<unsigned char>(bytes[plain]))) ++plain;
  return plain;
}

/// Appends a short text that needs no escape, as most do, at once with its quotes. False for another one.
bool append_short_plain(std::string& out, std::string_view bytes) {
  char text[64];
  if (bytes.size() + 2 > sizeof text || plain_part(bytes) != bytes.size()) return false;
  text[0] = text[bytes.size() + 1] = '"';
  bytes.copy(text + 1, bytes.size());
  out.append(text, bytes.size() + 2);
  return true;
}

}  // namespace

void append_json_string(std::string& out, std::string_view bytes) {
  if (append_short_plain(out, bytes)) return;
  out += '"';
  while (!bytes.empty()) {
    std::size_t plain = plain_part(bytes);
    out.append(bytes.substr(0, plain));
    bytes.remove_prefix(plain);
    if (bytes.empty()) break;
    std::uint32_t point = 0;
    std::size_t length = utf8_sequence(bytes, point);
    if (length == 0) {
      out += "\xef\xbf\xbd";
      length = 1;
    } else if (length == 1 && !plain_json(static_cast<unsigned char>(bytes[0])) && bytes[0] != 0x7f) {
      append_json_escape(out, static_cast<unsigned char>(bytes[0]));
    } else {
      out.append(bytes.substr(0, length));
    }
    bytes.remove_prefix(length);
  }
  out += '"';
}

std::string printable(std::string_view bytes, bool ascii) {
  std::string out;
  while (!bytes.empty()) {
    std::uint32_t point = 0;
    auto c = static_cast<unsigned char>(bytes[0]);
    std::size_t length = utf8_sequence(bytes, point);
    if (length == 0 || (length == 1 && (c < 0x20 || c == 0x7f))) {
      append_byte_escape(out, c);
      length = 1;
    } else if (deceives(point)) {
      append_point_escape(out, point);
    } else if (length > 1 && ascii) {
      for (std::size_t i = 0; i < length; ++i) append_byte_escape(out, static_cast<unsigned char>(bytes[i]));
    } else {
      out.append(bytes.substr(0, length));
    }
    bytes.remove_prefix(length);
  }
  return out;
}

std::string shell_word(std::string_view word) {
  constexpr std::string_view safe = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-";
  auto plain = [&](char c) { return safe.find(c) != std::string_view::npos || static_cast<unsigned char>(c) >= 0x80; };
  bool quote = word.empty();
  for (char c : word) quote = quote || !plain(c);
  if (!quote) return std::string(word);
  std::string out = "'";
  for (char c : word) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + "'";
}

bool is_utf8(std::string_view bytes) {
  std::uint32_t point = 0;
  while (!bytes.empty()) {
    auto length = utf8_sequence(bytes, point);
    if (length == 0) return false;
    bytes.remove_prefix(length);
  }
  return true;
}

std::string shell_words(const std::vector<std::string>& argv) {
  std::string out;
  for (const auto& word : argv) {
    if (!out.empty()) out += ' ';
    out += shell_word(word);
  }
  return out;
}

bool has_whole(std::string_view text, std::string_view word) {
  auto part_of_name = [&](std::size_t at) {
    char c = at < text.size() ? text[at] : ' ';
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  };
  for (auto at = word.empty() ? std::string_view::npos : text.find(word); at != std::string_view::npos;
       at = text.find(word, at + 1)) {
    if (!part_of_name(at + word.size()) && (at == 0 || !part_of_name(at - 1))) return true;
  }
  return false;
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    auto end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return lines;
}

}  // namespace stapkill
