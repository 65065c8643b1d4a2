#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "autopsy/logs/line_clock.h"
#include "autopsy/logs/text_log.h"
#include "sys/fd.h"

namespace stapkill {

/// What reading of compressed logs may still cost, all together.
struct UnpackBudget {
  std::uint64_t bytes = std::uint64_t{256} << 20;
  std::chrono::nanoseconds time = std::chrono::seconds(2);
};

/// One text log that is open.
struct OpenLog {
  Fd file;
  std::string path;  ///< for notes and places
  bool packed = false;
  std::uint64_t size = 0;
  Time newest = 0;            ///< no line is from after it
  Time since = 0, until = 0;  ///< which lines are wanted
};

/// Reads a text log's lines that are wanted, and says how that went.
SourceNote read_plain_log(const OpenLog& log, const Scope& scope, LineClock& clock, const TakeEntry& take);
SourceNote read_packed_log(const OpenLog& log, const Scope& scope, LineClock& clock, UnpackBudget& budget,
                           const TakeEntry& take);

/// A note about a file that could not be opened or read.
SourceNote note_of_error(std::string source, std::string path, int error);

}  // namespace stapkill
