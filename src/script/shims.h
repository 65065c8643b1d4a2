#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "host/systemtap.h"
#include "sys/result.h"

namespace stapkill {

/// A header of tapsets/compat that makes an installed SystemTap compile for a kernel that is newer than it.
struct Shim {
  std::string_view name;  ///< "task_work_cancel": the header's name without its ending
  std::string_view why;   ///< one sentence, for people
};

/// The shims that this SystemTap needs for this kernel, judged by the runtime's sources, by the text that the
/// translator holds and by the kernel's headers, never by version numbers. Empty where none is needed.
std::vector<Shim> needed_shims(const SystemTap& systemtap, const KernelBuild& kernel);

/// Writes the shims' headers below `directory` (made private) and returns stap's arguments for them: none, or
/// "-B" and "KCFLAGS=-include FILE …".
Result<std::vector<std::string>> shim_arguments(const std::vector<Shim>& shims, const std::filesystem::path& directory);

}  // namespace stapkill
