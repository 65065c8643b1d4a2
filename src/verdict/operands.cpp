#include "verdict/operands.h"

#include <algorithm>
#include <optional>

namespace stapkill {
namespace {

bool has(std::string_view letters, char letter) {
  return letters.find(letter) != std::string_view::npos;
}

/// A long option may be shortened, as getopt_long(3) takes it.
bool lists(std::string_view names, std::string_view name) {
  return (' ' + std::string(names)).find(' ' + std::string(name)) != std::string::npos;
}

/// How many words behind an option are its values; none when no operand is to be looked for.
std::optional<std::size_t> values_behind(std::string_view word, const OptionWords& options) {
  if (word.starts_with("--")) {
    auto name = word.substr(0, word.find('='));
    if (lists(options.long_ends, name)) return std::nullopt;
    return name.size() == word.size() && lists(options.long_valued, name) ? 1 : 0;
  }
  std::size_t values = 0;
  for (std::size_t i = 1; i < word.size(); ++i) {
    if (has(options.ends, word[i])) return std::nullopt;
    if (has(options.attached, word[i])) break;
    if (!has(options.valued, word[i])) continue;
    if (!options.as_a_shell) return i + 1 == word.size() ? 1 : 0;
    ++values;
  }
  return values;
}

}  // namespace

std::size_t first_operand(const std::vector<std::string>& argv, const OptionWords& options) {
  for (std::size_t i = 1; i < argv.size(); ++i) {
    const std::string& word = argv[i];
    if (word == "--" || (word == "-" && options.as_a_shell)) return i + 1;
    bool option = word.size() > 1 && (word[0] == '-' || (word[0] == '+' && options.as_a_shell));
    if (!option) return i;
    auto values = values_behind(word, options);
    if (!values) break;
    i += *values;
  }
  return argv.size();
}

}  // namespace stapkill
