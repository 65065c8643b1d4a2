#include "report/html_text.h"

#include <fmt/format.h>

#include <cstdint>

#include "base/text.h"
#include "report/right_to_left.h"

namespace stapkill {
namespace {

constexpr std::string_view kMark = "\xe2\x80\x8e";  // U+200E

std::string base64(std::string_view bytes) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i)
      group = group << 8 | (at + i < bytes.size() ? static_cast<unsigned char>(bytes[at + i]) : 0U);
    for (std::size_t i = 0; i < 4; ++i) out += at + i <= bytes.size() ? digits[group >> (18 - 6 * i) & 63] : '=';
  }
  return out;
}

int hex_digit(char c) {
  return c >= 'a' ? c - 'a' + 10 : c - '0';
}

/// UTF-16, as JSON writes it.
void append_json_point(std::string& out, std::uint32_t point) {
  if (point < 0x10000) {
    out += fmt::format("\\u{:04x}", point);
    return;
  }
  point -= 0x10000;
  out += fmt::format("\\u{:04x}\\u{:04x}", 0xd800 + (point >> 10), 0xdc00 + (point & 0x3ff));
}

}  // namespace

std::string html_text(std::string_view bytes) {
  std::string out;
  auto text = printable(bytes);
  if (has_right_to_left(text)) text = with_marks_after_right_to_left(text, kMark);
  for (char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&#34;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string ascii_json(std::string_view line) {
  std::string out;
  for (std::size_t at = 0; at < line.size();) {
    auto lead = static_cast<unsigned char>(line[at]);
    if (lead < 0x7f) {
      out += line[at++];
      continue;
    }
    std::size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;  // valid UTF-8: append_json_string
    std::uint32_t point = length == 1 ? lead : lead & (0xffU >> (length + 1));
    for (std::size_t i = 1; i < length && at + i < line.size(); ++i)
      point = point << 6 | (static_cast<unsigned char>(line[at + i]) & 0x3fU);
    append_json_point(out, point);
    at += length;
  }
  return out;
}

std::string policy_hash(std::string_view hex) {
  std::string bytes;
  for (std::size_t at = 0; at + 1 < hex.size(); at += 2)
    bytes += static_cast<char>(hex_digit(hex[at]) * 16 + hex_digit(hex[at + 1]));
  return "'sha256-" + base64(bytes) + '\'';
}

}  // namespace stapkill
