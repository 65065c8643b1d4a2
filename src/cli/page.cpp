#include "cli/page.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/columns.h"
#include "base/ink.h"
#include "base/text.h"

namespace stapkill {
namespace {

constexpr std::size_t kLeast = 30;  // columns: the narrowest that text is folded
constexpr std::size_t kLabel = 12;  // columns of a label, with the blanks before and after it
constexpr std::size_t kIndent = 2;  // of a sentence's second line

}  // namespace

std::size_t Page::width_less(std::size_t indent) const {
  if (!look_.terminal || look_.width <= 0) return 0;
  return std::max(static_cast<std::size_t>(look_.width), kLeast) - indent;
}

void Page::sentence(std::string_view text, Weight weight) {
  bool bold = weight == Weight::bold && look_.color, first = true;
  for (const auto& one : folded(printable(text, !look_.utf8), width_less(kIndent))) {
    if (!std::exchange(first, false)) out_.append(kIndent, ' ');
    out_ += painted(Ink::name, one, bold) + '\n';
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
