#pragma once

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

namespace stapkill {

/// One thing to do, a message of the catalogue, and its command. The reader fills in a command's words in capitals:
/// PID, NAME.
struct Step {
  std::string_view text;
  std::string_view command;  ///< "" for none
};

/// What to do next, the most useful step first.
struct Steps {
  std::array<Step, 6> rows;  ///< unused rows come last

  std::span<const Step> all() const {
    auto last = std::find_if(rows.begin(), rows.end(), [](const Step& step) { return step.text.empty(); });
    return {rows.begin(), last};
  }
};

}  // namespace stapkill
