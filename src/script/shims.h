#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "host/systemtap.h"

namespace stapkill {

/// Whether stapkill makes SystemTap fit a kernel that is newer than it.
enum class Shims { apply, leave_out };

/// A place where an installed SystemTap does not fit a kernel that is newer than it.
struct Misfit {
  std::string_view name;      ///< "task_work_cancel"
  std::string_view why;       ///< one sentence, for people
  std::string_view fixed_in;  ///< the first SystemTap that fits, "" when none was known to
  bool mended;                ///< a shim, the header tapsets/compat/NAME.h, makes it fit
  std::vector<std::pair<std::string, std::string>> evidence;  ///< files, and what each has or lacks
};

/// Where this SystemTap does not fit this kernel, judged by the runtime's sources, by the text that the translator
/// holds and by the kernel's headers, never by version numbers.
std::vector<Misfit> find_misfits(Facts& facts, const SystemTap& systemtap, const KernelBuild& kernel);

/// What could not be read of that for another reason than that it is not there, as "file: why"; "" when all could. A
/// misfit may then go unseen.
std::string unread_for_misfits(Facts& facts, const SystemTap& systemtap, const KernelBuild& kernel);

/// Those of them that stapkill mends.
std::vector<Misfit> needed_shims(Facts& facts, const SystemTap& systemtap, const KernelBuild& kernel);

/// Writes the shims' headers below `directory` (made private) and returns stap's arguments for them: none, or
/// "-B" and "KCFLAGS=-include FILE …". `more` are flags for the compiler besides.
Result<std::vector<std::string>> shim_arguments(const std::vector<Misfit>& shims,
                                                const std::filesystem::path& directory,
                                                const std::vector<std::string>& more = {});

}  // namespace stapkill
