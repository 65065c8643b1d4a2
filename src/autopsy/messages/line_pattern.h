#pragma once

#include <re2/re2.h>

#include <array>
#include <optional>
#include <string_view>

namespace stapkill {

/// The groups of a pattern that a line matched; one that is not in the line is empty.
using LineGroups = std::array<std::string_view, 10>;

/// A regular expression over a line of any bytes, with a word that such a line always has: most lines are refused by
/// that alone.
class LinePattern {
 public:
  /// Both live as long as it does.
  LinePattern(std::string_view word, const char* pattern);

  /// Group 0 is what matched.
  std::optional<LineGroups> match(std::string_view line) const;

 private:
  std::string_view word_;
  re2::RE2 pattern_;
};

}  // namespace stapkill
