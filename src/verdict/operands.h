#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stapkill {

/// How a program takes the options before its operands.
struct OptionWords {
  std::string_view valued;             ///< letters with a value: the rest of their word, else the next word
  std::string_view attached = {};      ///< letters whose value can only be the rest of their word
  std::string_view ends = {};          ///< letters that leave no operand to look for
  std::string_view program = {};       ///< the same, for those that are given the program itself (perl -e)
  std::string_view long_valued = {};   ///< "--signal --kill-after": with a value, after a '=' or in the next word
  std::string_view long_program = {};  ///< those that are given the program itself
  bool program_is_next_word = false;   ///< never the rest of its option's word
  /// '+' begins options as well, a lone '-' ends them, and a letter's value is always in the next word.
  bool as_a_shell = false;
};

/// The program that is among the options themselves: of sh -c 'kill 5' it is "kill 5"; none where there is none.
std::optional<std::string> program_among_options(const std::vector<std::string>& argv, const OptionWords& options);

/// Where in an argv the first operand is; its size when there is none.
std::size_t first_operand(const std::vector<std::string>& argv, const OptionWords& options);

}  // namespace stapkill
