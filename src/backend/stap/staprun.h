#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace stapkill {

/// The sysctls that staprun lowers and leaves so, kept as they are: by what staprun is told in its environment and,
/// where kptr_restrict must be lowered for it, by setting that back.
class KeptSysctls {
 public:
  /// Reads how they are before staprun starts.
  KeptSysctls();
  std::vector<std::pair<std::string, std::string>> environment() const;
  void restore() const;

 private:
  std::string kptr_restrict_;
};

/// Cuts what a tool says into lines. One that is longer than 16 KiB before it ends is dropped.
class ToolLines {
 public:
  void take(std::string_view text, const std::function<void(const std::string&)>& line);
  /// What has not ended with a newline; it is forgotten.
  std::string rest() { return std::exchange(partial_, {}); }

 private:
  std::string partial_;
};

/// What a line on the standard error of a verbose staprun is.
enum class StaprunWord {
  module,  ///< the module's, or something that went wrong
  own,     ///< "stapio:init_ctl_channel:54 …": what it is doing
  armed,   ///< the module's probes are all in place
};
StaprunWord staprun_word(std::string_view line);

/// Why a run of staprun failed: its wait status, `when` (" while watching", or ""), and the words that tell why. A
/// known message among them gives the id, the remedy and doctor's check.
Error staprun_error(int status, std::string_view when, const std::string& words);

}  // namespace stapkill
