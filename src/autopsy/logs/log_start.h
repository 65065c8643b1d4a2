#pragma once

#include <cstdint>
#include <string>

#include "autopsy/logs/line_clock.h"

namespace stapkill {

/// Where in a plain log the lines since a time begin.
struct LogStart {
  std::uint64_t offset = 0;  ///< of a line
  bool ordered = true;       ///< false: times do not ascend, or lines have none; `offset` is a bound before the end
};

/// Finds it by halving, without reading the file as a whole. `size`: what is read of it.
LogStart find_log_start(int fd, std::uint64_t size, Time since, const LineClock& clock);

/// The time of the first line of a small log that covers a year or more and whose stamps have no year; 0 for another
/// log. Reads all of it.
Time first_time_over_years(int fd, std::uint64_t size, const LineClock& clock);

/// Bytes of a file at an offset, as many as there are up to `most`; less at its end. False where it cannot be read.
bool read_piece(int fd, std::uint64_t offset, std::size_t most, std::string& bytes);

inline constexpr std::uint64_t kSmallLog = 8 << 20;
inline constexpr std::uint64_t kUnorderedTail = 32 << 20;

}  // namespace stapkill
