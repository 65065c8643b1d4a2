#include "report/text_lines.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/columns.h"
#include "base/text.h"
#include "model/containers.h"

namespace stapkill {
namespace {

constexpr Glyphs kUnicode = {"●", "✖", "→", "›", "▲", "…"};
constexpr Glyphs kAscii = {"*", "x", "->", ">", "!", "..."};
constexpr std::size_t kLeast = 20;         // columns: the narrowest that text is folded
constexpr std::size_t kMostCommand = 120;  // columns of a command line that stands beside something else

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
  return process.argv_bytes > held ? fmt::format("{} ... ({} bytes in all)", line, process.argv_bytes) : line;
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
  for (const auto& one : folded(text, room(indent))) {
    out += before + one + '\n';
    before.assign(indent, ' ');
  }
}

}  // namespace stapkill
