#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace stapkill {

/// How a program takes the options before its operands.
struct OptionWords {
  std::string_view valued;            ///< letters with a value: the rest of their word, else the next word
  std::string_view attached = {};     ///< letters whose value can only be the rest of their word
  std::string_view ends = {};         ///< letters that leave no operand to look for
  std::string_view long_valued = {};  ///< "--signal --kill-after": with a value, behind a '=' or the next word
  std::string_view long_ends = {};    ///< those that leave no operand to look for
  /// '+' begins options as well, a lone '-' ends them, and a letter's value is always in the next word.
  bool as_a_shell = false;
};

/// Where in an argv the first operand is; its size when there is none.
std::size_t first_operand(const std::vector<std::string>& argv, const OptionWords& options);

}  // namespace stapkill
