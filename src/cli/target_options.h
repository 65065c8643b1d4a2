#pragma once

#include <cstdint>

#include "cli/options.h"
#include "session/targets.h"

namespace stapkill {

constexpr std::int64_t kMostPid = 4194304;  // PID_MAX_LIMIT, include/linux/threads.h

/// Whom --pid, --name, --all, --children and --wait name; perhaps nobody.
Result<TargetOptions> named_targets(const Arguments& arguments);

}  // namespace stapkill
