#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace stapkill {

/// Keeps the sysctls that staprun would lower for good: by variables in staprun's environment, and by restoring
/// kptr_restrict where staprun must lower it.
class KeptSysctls {
 public:
  /// Reads their values before staprun starts.
  KeptSysctls();
  std::vector<std::pair<std::string, std::string>> environment() const;
  void restore() const;

 private:
  std::string kptr_restrict_;
};

/// Cuts a tool's output into lines. A partial line longer than 16 KiB is dropped.
class ToolLines {
 public:
  void take(std::string_view text, const std::function<void(const std::string&)>& line);
  /// Takes out the last line, which has no newline.
  std::string rest() { return std::exchange(partial_, {}); }

 private:
  std::string partial_;
};

/// The kind of a line on the standard error of a verbose staprun.
enum class StaprunWord {
  module,  ///< the module's, or an error
  own,     ///< staprun's progress: "stapio:init_ctl_channel:54 …"
  armed,   ///< all of the module's probes are in place
};
StaprunWord staprun_word(std::string_view line);

/// Why a run of staprun failed: its wait status, `when` (" while watching", or ""), and `words`, the line that says
/// why. A known message gives the id, the remedy and doctor's check.
Error staprun_error(int status, const Phrase& when, const std::string& words);

}  // namespace stapkill
