#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "host/systemtap.h"

namespace stapkill {

/// The build tree for all scripts on one kernel. It stays in its place, because stap's cache depends on the tree's path
/// and time. It holds a System.map, the kernel's own release and the trace headers that scripts have asked for; headers
/// of earlier scripts stay, so that what stap looked up for one script serves the next.
struct SharedTree {
  std::filesystem::path build;
  std::filesystem::path boot;    ///< to cover /boot, the only place where some SystemTaps look for the System.map
  std::filesystem::path tapset;  ///< repaired copy of SystemTap's tapsets; "" when they need no repair
  std::vector<std::string> compiler_flags;
};

/// Finds the tree below `cache`, a private directory, or makes it there. Without `trace_headers`: another tree, with
/// all of the kernel's. `symbols` are functions that its System.map must name in addition to those that can be found.
Result<SharedTree> shared_tree(const std::filesystem::path& cache, const SystemTap& systemtap,
                               const KernelBuild& kernel, const std::optional<std::vector<std::string>>& trace_headers,
                               const std::vector<std::string>& symbols);

/// The directory with SystemTap's tapsets.
std::filesystem::path tapset_of(const SystemTap& systemtap);

}  // namespace stapkill
