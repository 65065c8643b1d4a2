#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace stapkill {

/// A log of /var/log by its name.
struct LogName {
  std::string name;      ///< "kern.log.2.gz"
  std::string base;      ///< "kern.log"
  std::int64_t age = 0;  ///< orders those of one base, the oldest first
  Time rotated = 0;      ///< the end of the day in its name (logrotate(8), dateext), as if UTC; 0: none
};

/// Those of the names that are text logs which the readers know, by base, the oldest first.
std::vector<LogName> known_logs(const std::vector<std::string>& names);

}  // namespace stapkill
