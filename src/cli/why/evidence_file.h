#pragma once

#include <string>

#include "base/result.h"
#include "cli/why/host_answer.h"

namespace stapkill {

/// Writes what the host was found to keep to a file for a colleague, readable by this user alone, without secrets in
/// arguments (session/redaction.h). Null: the host was not asked; then it says so, as an error.
Result<void> save_evidence(const std::string& path, const HostAnswer* host);

}  // namespace stapkill
