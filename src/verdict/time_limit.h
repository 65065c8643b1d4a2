#pragma once

#include <cstdint>

#include "model/process.h"

namespace stapkill {

/// Whether a process that runs timeout(1) had run at `boot` (ns, CLOCK_BOOTTIME) for as long as its arguments give. Not
/// when they cannot be read: then it may have passed on a signal that it was sent itself.
bool time_limit_is_over(const Process& timeout, std::int64_t boot);

}  // namespace stapkill
