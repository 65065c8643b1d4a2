#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "host/systemtap.h"

namespace stapkill {

/// Whether to apply shims, which make SystemTap work with a newer kernel.
enum class Shims { apply, leave_out };

/// A way in which the installed SystemTap does not fit a newer kernel.
struct Misfit {
  std::string_view name;                                      ///< "task_work_cancel"
  std::string_view why;                                       ///< one sentence, for the user
  std::string_view fixed_in;                                  ///< the first SystemTap that fits; "" for unknown
  bool mended;                                                ///< fixed by a shim
  std::vector<std::pair<std::string, std::string>> evidence;  ///< files, and what each has or lacks
  std::string_view flags =
      {};  ///< the shim, if flags for the compiler are enough; else the header tapsets/compat/NAME.h
};

/// How this SystemTap does not fit this kernel, judged by the runtime's sources, by strings in the translator and by
/// the kernel's headers, never by version numbers.
std::vector<Misfit> find_misfits(Facts& facts, const SystemTap& systemtap, const KernelBuild& kernel);

/// The first of those files that exists and cannot be read, as "file: why"; "" for none. A misfit may then go unseen.
std::string unread_for_misfits(Facts& facts, const SystemTap& systemtap, const KernelBuild& kernel);

/// The misfits that a shim fixes.
std::vector<Misfit> needed_shims(Facts& facts, const SystemTap& systemtap, const KernelBuild& kernel);

/// Writes the shims' headers below `directory` (made private) and returns stap's arguments for the shims: none, or "-B"
/// and "KCFLAGS=-include FILE …". `more` are further flags for the compiler.
Result<std::vector<std::string>> shim_arguments(const std::vector<Misfit>& shims,
                                                const std::filesystem::path& directory,
                                                const std::vector<std::string>& more = {});

}  // namespace stapkill
