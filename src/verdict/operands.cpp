#include "verdict/operands.h"

#include <algorithm>

namespace stapkill {
namespace {

bool has(std::string_view letters, char letter) {
  return letters.find(letter) != std::string_view::npos;
}

/// A long option may be abbreviated, as in getopt_long(3).
bool lists(std::string_view names, std::string_view name) {
  return (' ' + std::string(names)).find(' ' + std::string(name)) != std::string::npos;
}

/// How many words after an option are its values; none when no operand matters. After a shell's -c the operand is the
/// program: `for_program` continues to it.
std::optional<std::size_t> values_of(std::string_view word, const OptionWords& options, bool for_program) {
  if (word.starts_with("--")) {
    auto name = word.substr(0, word.find('='));
    if (lists(options.long_program, name)) return std::nullopt;
    return name.size() == word.size() && lists(options.long_valued, name) ? 1 : 0;
  }
  std::size_t values = 0;
  for (std::size_t i = 1; i < word.size(); ++i) {
    if (has(options.ends, word[i])) return std::nullopt;
    if (has(options.program, word[i]) && !for_program) return std::nullopt;
    if (has(options.attached, word[i])) break;
    if (!has(options.valued, word[i])) continue;
    if (!options.as_a_shell) return i + 1 == word.size() ? 1 : 0;
    ++values;
  }
  return values;
}

bool is_option(std::string_view word, const OptionWords& options) {
  return word.size() > 1 && (word[0] == '-' || (word[0] == '+' && options.as_a_shell));
}

/// Where in that word the program begins: after -e or --eval=; none where it has none.
std::optional<std::size_t> program_option_end(std::string_view word, const OptionWords& options) {
  if (word.starts_with("--")) {
    auto name = word.substr(0, word.find('='));
    if (name.size() < 3 || !lists(options.long_program, name)) return std::nullopt;
    return std::min(name.size() + 1, word.size());
  }
  for (std::size_t i = 1; i < word.size(); ++i) {
    if (has(options.program, word[i])) return options.program_is_next_word ? word.size() : i + 1;
    if (has(options.ends, word[i]) || has(options.attached, word[i]) || has(options.valued, word[i])) break;
  }
  return std::nullopt;
}

/// All of a shell's options come first; the program follows.
std::optional<std::string> program_of_shell(const std::vector<std::string>& argv, const OptionWords& options) {
  bool given = false;
  std::size_t at = 1;
  for (; at < argv.size() && is_option(argv[at], options) && argv[at] != "--"; ++at) {
    bool letters = argv[at][0] == '-' && argv[at][1] != '-';
    given = given || (letters && argv[at].find_first_of(options.program, 1) != std::string::npos);
    auto values = values_of(argv[at], options, true);
    if (!values) return std::nullopt;
    at += *values;
  }
  if (at < argv.size() && (argv[at] == "--" || argv[at] == "-")) ++at;
  return given && at < argv.size() ? std::optional(argv[at]) : std::nullopt;
}

}  // namespace

std::optional<std::string> program_among_options(const std::vector<std::string>& argv, const OptionWords& options) {
  if (options.as_a_shell) return program_of_shell(argv, options);
  for (std::size_t i = 1; i < argv.size() && is_option(argv[i], options) && argv[i] != "--"; ++i) {
    if (auto at = program_option_end(argv[i], options)) {
      if (*at < argv[i].size()) return argv[i].substr(*at);
      return i + 1 < argv.size() ? std::optional(argv[i + 1]) : std::nullopt;
    }
    auto values = values_of(argv[i], options, false);
    if (!values) break;
    i += *values;
  }
  return std::nullopt;
}

std::size_t first_operand(const std::vector<std::string>& argv, const OptionWords& options) {
  for (std::size_t i = 1; i < argv.size(); ++i) {
    const std::string& word = argv[i];
    if (word == "--" || (word == "-" && options.as_a_shell)) return i + 1;
    if (!is_option(word, options)) return i;
    auto values = values_of(word, options, false);
    if (!values) break;
    i += *values;
  }
  return argv.size();
}

}  // namespace stapkill
