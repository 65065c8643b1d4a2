#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stapkill {

/// How a program parses the options before its operands.
struct OptionWords {
  std::string_view valued;             ///< letters with a value: the rest of the word, else the next word
  std::string_view attached = {};      ///< letters whose value can only be the rest of the word
  std::string_view ends = {};          ///< letters after which no operand matters
  std::string_view program = {};       ///< letters with a value that is the program itself (perl -e)
  std::string_view long_valued = {};   ///< "--signal --kill-after": with a value, after a '=' or in the next word
  std::string_view long_program = {};  ///< long options whose value is the program itself
  bool program_is_next_word = false;   ///< the program is never the rest of its option's word
  /// '+' begins options as well, a lone '-' ends them, and a letter's value is always in the next word.
  bool as_a_shell = false;
};

/// The program among the options: "kill 5" of sh -c 'kill 5'; none where there is none.
std::optional<std::string> program_among_options(const std::vector<std::string>& argv, const OptionWords& options);

/// Index of the first operand in an argv; its size when there is none.
std::size_t first_operand(const std::vector<std::string>& argv, const OptionWords& options);

}  // namespace stapkill
