#pragma once

#include <string>

namespace stapkill {

/// "0.1.0".
std::string version();

/// What --version prints: the version, the schema, the backends of this build.
std::string version_text();

}  // namespace stapkill
