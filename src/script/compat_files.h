#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"

namespace stapkill {

/// Writes tapsets/compat/NAME, which kbuild is to read, into `directory`, which is made private, and gives its path. An
/// unchanged file keeps its time.
Result<std::filesystem::path> put_compat_file(const std::filesystem::path& directory, const std::string& name);

}  // namespace stapkill
