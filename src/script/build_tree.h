#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "host/systemtap.h"

namespace stapkill {

/// A build tree that stands for the kernel's own, in which stap finds only what a module's probes name: the trace
/// headers of those tracepoints, where it would compile a query for each of a kernel's ~800, and a System.map with
/// those system calls, which Debian's /boot has no more. What a build may write is a copy; the rest are links.
struct BuildTree {
  std::filesystem::path path;
  /// Flags for the compiler: where the trace headers include others of theirs, which the tree itself lacks.
  std::vector<std::string> compiler_flags;
  /// stap's arguments that make it use the tree: -r, and --sysroot for those that look for System.map below that.
  std::vector<std::string> arguments() const;
};

/// Makes it at `path`, which must not exist and whose parent is private. `trace_headers` are names below
/// include/trace/events without ".h", `symbols` functions of the kernel.
Result<BuildTree> make_build_tree(const std::filesystem::path& path, const KernelBuild& kernel,
                                  const std::vector<std::string>& trace_headers,
                                  const std::vector<std::string>& symbols);

/// The flags for the compiler that go with a tree for that kernel.
std::vector<std::string> compiler_flags_of(const KernelBuild& kernel);

}  // namespace stapkill
