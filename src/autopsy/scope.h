#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "autopsy/host_files.h"
#include "base/time.h"

namespace stapkill {

/// One boot of the host: CLOCK_BOOTTIME 0 of it, in wall time.
struct Boot {
  Time started = 0;
  std::string id;  ///< 32 hexadecimal digits; "": not known
};

/// Where and when to look, and how long.
struct Scope {
  HostFiles files;
  Time since = 0, until = 0, now = 0;
  /// Name or path of the time zone (TZ's form) for stamps without one; "": this process's.
  std::string zone = {};
  /// Known boots, the latest last; for stamps that count from boot.
  std::vector<Boot> boots = {};
  /// Units that are asked about, as a user names them: "nginx", "nginx.service".
  std::vector<std::string> units = {};
  /// A reader stops when it is reached and notes State::cut.
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();

  bool live() const { return files.live(); }
  bool has(Time time) const { return time >= since && time <= until; }
  bool late() const { return std::chrono::steady_clock::now() >= deadline; }
};

}  // namespace stapkill
