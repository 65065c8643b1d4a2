#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "autopsy/finding.h"
#include "autopsy/inquest/log_readers.h"
#include "cli/command.h"

namespace stapkill {

/// Lines of a log that say how a process ended, or who ended it: those that `why` reads.
class FindingLines {
 public:
  /// Takes pieces of a text of any size; memory does not grow with it.
  void take(std::string_view bytes);
  /// A last line without a newline counts, too. What was found, in the order of the lines; contexts are left out.
  const std::vector<Finding>& end();

 private:
  void line(std::string_view bytes);

  LogReaders readers_;
  std::string partial_;
  std::size_t lines_ = 0;
  std::vector<Finding> found_;
};

/// "line 3: Killed process …", what it proves and what it leaves open, for each.
std::string findings_text(const std::vector<Finding>& findings, const Appearance& look);

/// An array of objects: line, text, kind, proves, open.
nlohmann::ordered_json findings_json(const std::vector<Finding>& findings);

}  // namespace stapkill
