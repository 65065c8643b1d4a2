#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace stapkill {

/// The tracepoints that a script may probe, as patterns (fnmatch(3)) without their subsystem.
struct TracePoints {
  std::set<std::string> patterns;
  bool complete = true;  ///< false when a name is only known after stap has expanded it
};

/// Finds the tracepoints of a script and of the aliases in a tapset directory that its probe points reach. Reads the
/// text only, so any point that may be meant counts. `arguments` are the values of $1, @1 and so on.
TracePoints trace_points_of(std::string_view script, const std::vector<std::string>& arguments,
                            const std::filesystem::path& tapset);

/// The headers in a kernel's include/trace/events that declare one of these tracepoints, without ".h", in order.
std::vector<std::string> trace_headers_of(const std::set<std::string>& patterns, const std::filesystem::path& events);

/// All headers there.
std::vector<std::string> all_trace_headers(const std::filesystem::path& events);

/// The global variables that a script declares, which -G can set.
std::set<std::string> globals_of(std::string_view script);

}  // namespace stapkill
