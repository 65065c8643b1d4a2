#pragma once

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

namespace stapkill {

/// One thing to do, and the command for it. Words in capitals in a command stand for what the reader knows: PID, NAME.
struct Step {
  std::string_view text;
  std::string_view command;  ///< "" for none
};

/// What to do next, the most telling first.
struct Steps {
  std::array<Step, 6> rows;  ///< what is not used is behind

  std::span<const Step> all() const {
    auto last = std::find_if(rows.begin(), rows.end(), [](const Step& step) { return step.text.empty(); });
    return {rows.begin(), last};
  }
};

}  // namespace stapkill
