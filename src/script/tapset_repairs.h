#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"

namespace stapkill {

/// Makes at `place` a directory of links to a tapset directory, with repaired copies of files that have a known fault.
/// False when there is nothing to repair; then nothing is made.
Result<bool> mend_tapset(const std::filesystem::path& tapset, const std::filesystem::path& place);

}  // namespace stapkill
