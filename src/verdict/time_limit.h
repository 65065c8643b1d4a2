#pragma once

#include <cstdint>

#include "model/process.h"

namespace stapkill {

/// Whether the time limit of a timeout(1) process was over at `boot` (ns, CLOCK_BOOTTIME). False when its arguments
/// cannot be parsed: then it may have passed on a signal.
bool time_limit_is_over(const Process& timeout, std::int64_t boot);

}  // namespace stapkill
