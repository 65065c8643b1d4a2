#include "verdict/script_line.h"

#include <cctype>
#include <string>
#include <string_view>

#include "verdict/process_words.h"

namespace stapkill {
namespace {

constexpr std::size_t kLongestLine = 400;  // of a record; the rest of a longer one is left out

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r";
  auto from = text.find_first_not_of(kBlank);
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(kBlank) - from + 1);
}

bool is_word_byte(char byte) {
  return std::isalnum(static_cast<unsigned char>(byte)) || byte == '_' || byte == '-' || byte == '.';
}

/// Whether `word` stands in a line, not as a part of a longer word.
bool has_word(std::string_view line, std::string_view word) {
  for (auto at = line.find(word); !word.empty() && at != std::string_view::npos; at = line.find(word, at + 1)) {
    auto end = at + word.size();
    bool begins = at == 0 || !is_word_byte(line[at - 1]), ends = end == line.size() || !is_word_byte(line[end]);
    if (begins && ends) return true;
  }
  return false;
}

std::string base_name(std::string_view path) {
  return std::string(path.substr(path.rfind('/') + 1));
}

/// Whether a line names what `doer` runs: its program, as it was called, or its script.
bool names(std::string_view line, const Process& shell, const Process& doer) {
  if (same_process(shell, doer)) return has_word(line, "kill");  // a builtin
  if (doer.argv && !doer.argv->empty() && has_word(line, base_name(doer.argv->front()))) return true;
  auto script = script_of(doer);
  return !script.empty() && script != script_of(shell) && has_word(line, base_name(script));
}

}  // namespace

std::optional<ScriptLine> script_line(const Process& shell, const kernel::BashLine& at,
                                      const std::optional<ScriptText>& text, const Process& doer) {
  if (at.number <= 0 || at.in_source || script_of(shell).empty()) return std::nullopt;
  bool may_be_elsewhere = at.in_text || (at.in_function && (!text || text->sources));
  if (may_be_elsewhere && (!text || !names(text->line, shell, doer))) return std::nullopt;
  return ScriptLine{at.number, text ? std::string(trimmed(text->line).substr(0, kLongestLine)) : std::string()};
}

}  // namespace stapkill
