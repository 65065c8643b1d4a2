#pragma once

#include <cstdint>

namespace stapkill {

/// CLOCK_REALTIME, nanoseconds.
std::int64_t wall_now();

/// CLOCK_BOOTTIME, nanoseconds.
std::int64_t boot_now();

/// The wall time of a moment given by CLOCK_BOOTTIME. The distance between both clocks is measured again at most once a
/// second, so later results follow a step of the wall clock.
std::int64_t wall_of_boot(std::int64_t boot_ns);

}  // namespace stapkill
