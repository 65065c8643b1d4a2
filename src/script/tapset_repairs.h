#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"

namespace stapkill {

/// Makes at `place` a directory of links to a tapset directory in which files with a known fault are mended copies.
/// False, and nothing is made, where there is none to mend.
Result<bool> mend_tapset(const std::filesystem::path& tapset, const std::filesystem::path& place);

}  // namespace stapkill
