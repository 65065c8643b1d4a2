#include "report/text_lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/columns.h"
#include "base/phrase.h"
#include "base/text.h"
#include "model/containers.h"

namespace stapkill {
namespace {

constexpr Glyphs kUnicode = {"●", "✖", "→", "›", "▲", "…"};
constexpr Glyphs kAscii = {"*", "x", "->", ">", "!", "..."};
constexpr std::string_view kBetweenParts = "   ";
constexpr std::size_t kLeast = 20;         // columns: the narrowest that text is folded
constexpr std::size_t kMostCommand = 120;  // columns of a command line that stands beside something else

/// Folded; a part stays together where a line holds it.
std::vector<std::string> lines_of_parts(std::string_view text, std::size_t width) {
  if (width == 0 || text.empty()) return {std::string(text)};
  std::vector<std::string> lines;
  while (!text.empty()) {
    auto end = std::min(text.find(kBetweenParts), text.size());
    auto part = text.substr(0, end);
    text.remove_prefix(std::min(text.find_first_not_of(' ', end), text.size()));
    if (part.empty()) continue;
    bool fits = !lines.empty() && columns_of(lines.back()) + kBetweenParts.size() + columns_of(part) <= width;
    if (fits) {
      lines.back().append(kBetweenParts).append(part);
    } else {
      for (auto& one : folded(part, width)) lines.push_back(std::move(one));
    }
  }
  return lines;
}

}  // namespace

TextLines::TextLines(const TextStyle& style) : style_(style), glyphs_(style.utf8 ? kUnicode : kAscii) {}

std::string TextLines::safe(std::string_view bytes) const {
  return printable(bytes, !style_.utf8);
}

std::string TextLines::name(const Process& process) const {
  return fmt::format("{}({})", safe(process.comm.empty() ? "?" : process.comm), process.pid);
}

std::string TextLines::mark(const Process& process) const {
  return process.flags.empty() ? std::string() : paint(Ink::warning, glyphs_.warning) + ' ';
}

std::string TextLines::command(const Process& process) const {
  if (!process.argv || process.argv->empty()) return {};
  std::string line = shell_words(*process.argv);
  line = safe(style_.verbose ? line : with_short_ids(line));
  std::size_t held = 0;
  for (const auto& word : *process.argv) held += word.size() + 1;
  return process.argv_bytes > held ? tr("{} ... ({} bytes in all)", line, process.argv_bytes) : line;
}

std::string TextLines::short_command(const Process& process, std::size_t used) const {
  std::string text = command(process);
  if (style_.verbose) return text;
  if (auto most = room(used)) return cut(text, std::min(most, kMostCommand), style_.utf8);
  auto shown = first_columns(text, kMostCommand);
  return shown.size() == text.size() ? text : fmt::format("{}...", shown);
}

std::size_t TextLines::room(std::size_t used) const {
  return style_.width <= 0 ? 0 : std::max(static_cast<std::size_t>(style_.width), used + kLeast) - used;
}

void TextLines::line(std::string_view lead, std::string_view text, std::string& out) const {
  auto indent = columns_of(lead);
  std::string before(lead);
  for (const auto& one : lines_of_parts(text, room(indent))) {
    out += before + one + '\n';
    before.assign(indent, ' ');
  }
}

}  // namespace stapkill
