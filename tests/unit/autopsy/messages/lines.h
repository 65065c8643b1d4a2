#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "autopsy/log_entry.h"

namespace stapkill {

inline constexpr Time kStart = 1'700'000'000'000'000'000;

/// What a reader makes of these lines, a millisecond apart.
inline std::vector<Finding> findings_of(MessageReader& reader, const std::vector<std::string>& lines,
                                        std::string_view program = "kernel", Time step = 1'000'000) {
  std::vector<Finding> findings;
  LogEntry entry;
  entry.time = kStart;
  entry.program = program;
  entry.source = "kernel-log";
  entry.place = "/var/log/kern.log:7";
  for (const auto& line : lines) {
    entry.message = line;
    reader.take(entry, findings);
    entry.time += step;
  }
  reader.finish(findings);
  return findings;
}

}  // namespace stapkill
