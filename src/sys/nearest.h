#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace stapkill {

/// The names that a misspelt word may have meant, at most `most`, in their order: those that begin with it (from three
/// letters on), else those that differ in the fewest letters, two at most. Capitals do not count.
std::vector<std::string> nearest(std::string_view word, const std::vector<std::string>& names, std::size_t most);

}  // namespace stapkill
