#pragma once

#include <string>
#include <string_view>

namespace stapkill {

/// What a colour on a terminal means: each means one thing in all texts.
enum class Ink {
  death,    ///< red: a death, a signal that ends its target, what failed
  warning,  ///< yellow: what to look at: a suspicion, a loss, a warning, a container that ended
  own,      ///< green: lines about the session itself
  name,     ///< bold: the name or sentence that a line is about
  source,   ///< cyan: where something comes from, and what to copy: commands, variables
  aside,    ///< faint: what can be skipped
};

/// `text` in that colour where `color`; else, and where there is no text, as it is.
std::string painted(Ink ink, std::string_view text, bool color);

}  // namespace stapkill
