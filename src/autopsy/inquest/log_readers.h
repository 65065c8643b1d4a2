#pragma once

#include <memory>
#include <vector>

#include "autopsy/log_entry.h"

namespace stapkill {

/// All readers of messages, for the entries of one log.
class LogReaders {
 public:
  LogReaders();

  /// True where one of them knows the entry.
  bool take(const LogEntry& entry);
  /// All that was found.
  std::vector<Finding> finish();

 private:
  std::vector<std::unique_ptr<MessageReader>> readers_;
  std::vector<Finding> findings_;
};

}  // namespace stapkill
