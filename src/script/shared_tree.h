#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "host/systemtap.h"

namespace stapkill {

/// What all scripts for one kernel are compiled with: a build tree that stays where it is, for stap knows what it has
/// kept for a tree by the tree's path and time. In it lie a System.map, the kernel's own release and the trace headers
/// that a script has asked for; those of the scripts before stay, so that what was looked up for one serves the next.
struct SharedTree {
  std::filesystem::path build;
  std::filesystem::path boot;    ///< to stand at /boot: where some SystemTaps look for the System.map alone
  std::filesystem::path tapset;  ///< to be used in place of SystemTap's own; "" where that is sound
  std::vector<std::string> compiler_flags;
};

/// Makes it below `cache`, a private directory, or finds it there. Without `trace_headers`: another one, with all that
/// the kernel has. `symbols` are functions that its System.map must name besides those that can be found.
Result<SharedTree> shared_tree(const std::filesystem::path& cache, const SystemTap& systemtap,
                               const KernelBuild& kernel, const std::optional<std::vector<std::string>>& trace_headers,
                               const std::vector<std::string>& symbols);

/// The directory with SystemTap's tapsets.
std::filesystem::path tapset_of(const SystemTap& systemtap);

}  // namespace stapkill
