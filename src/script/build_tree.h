#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "host/systemtap.h"

namespace stapkill {

/// A build tree in place of the kernel's own, in which stap finds only what a module's probes need: the trace headers
/// of its tracepoints, as one header (stap compiles a query for each header, and a kernel has about 800), and a
/// System.map with its system calls (Debian's /boot has none). A probe there cannot name a tracepoint's system: stap
/// takes the last of a header. Files that a build may write are copies; the rest are links.
struct BuildTree {
  std::filesystem::path path;
  /// Flags for the compiler: the directory of further headers that the trace headers include and the tree lacks.
  std::vector<std::string> compiler_flags;
  /// stap's arguments for the tree: -r, and --sysroot for versions that look for System.map below that.
  std::vector<std::string> arguments() const;
};

/// Makes the tree at `path`, which must not exist; its parent must be private. `trace_headers` are names below
/// include/trace/events without ".h"; `symbols` are functions of the kernel.
Result<BuildTree> make_build_tree(const std::filesystem::path& path, const KernelBuild& kernel,
                                  const std::vector<std::string>& trace_headers,
                                  const std::vector<std::string>& symbols);

/// The flags for the compiler with a tree for that kernel.
std::vector<std::string> compiler_flags_of(const KernelBuild& kernel);

}  // namespace stapkill
