#pragma once

#include <string>

namespace stapkill {

/// What a script's file says about one of its lines.
struct ScriptText {
  std::string line;      ///< that line, without its end
  bool sources = false;  ///< the script runs other files in its own process (`source`, `.`): functions may be theirs
};

}  // namespace stapkill
