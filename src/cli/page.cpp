#include "cli/page.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace stapkill {
namespace {

constexpr std::size_t kLeast = 30;  // columns: the narrowest that text is folded
constexpr std::size_t kLabel = 12;  // columns of a label, with the blanks before and after it
constexpr std::size_t kIndent = 2;  // of a sentence's second line

bool starts_character(char byte) {
  return (static_cast<unsigned char>(byte) & 0xc0) != 0x80;
}

}  // namespace

std::size_t columns_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), starts_character));
}

std::vector<std::string> folded(std::string_view text, std::size_t width) {
  std::vector<std::string> lines(1);
  while (!text.empty()) {
    auto word = text.substr(0, text.find(' ', text.find_first_not_of(' ')));
    text.remove_prefix(word.size());
    bool fits = width == 0 || columns_of(lines.back()) + columns_of(word) <= width;
    if (!fits && !lines.back().empty()) {
      lines.emplace_back();
      word.remove_prefix(std::min(word.find_first_not_of(' '), word.size()));
    }
    lines.back() += word;
  }
  return lines;
}

std::string cut(std::string_view text, std::size_t width, bool utf8) {
  if (width == 0 || columns_of(text) <= width) return std::string(text);
  std::string_view ellipsis = utf8 ? "…" : "...";
  auto room = width - std::min(width, columns_of(ellipsis));
  std::size_t end = 0;
  for (std::size_t column = 0; end < text.size(); ++end) {
    if (starts_character(text[end]) && column++ == room) break;
  }
  return std::string(text.substr(0, end)) + std::string(ellipsis);
}

std::size_t Page::width_less(std::size_t indent) const {
  if (!look_.terminal || look_.width <= 0) return 0;
  return std::max(static_cast<std::size_t>(look_.width), kLeast) - indent;
}

void Page::sentence(std::string_view text, Weight weight) {
  bool bold = weight == Weight::bold && look_.color, first = true;
  for (const auto& one : folded(printable(text, !look_.utf8), width_less(kIndent))) {
    if (!std::exchange(first, false)) out_.append(kIndent, ' ');
    out_ += bold ? "\033[1m" + one + "\033[0m\n" : one + '\n';
  }
}

void Page::line(std::string_view label, std::string_view text) {
  for (const auto& one : folded(printable(text, !look_.utf8), width_less(kLabel))) {
    out_ += fmt::format("  {:<{}}{}\n", label, kLabel - 2, one);
    label = "";
  }
}

void Page::command(std::string_view text) {
  out_ += fmt::format("{:{}}{}\n", "", kLabel + kIndent, printable(text, !look_.utf8));
}

void Page::lines(std::string_view label, const std::vector<std::string>& texts) {
  for (const auto& text : texts) line(std::exchange(label, ""), text);
}

}  // namespace stapkill
