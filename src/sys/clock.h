#pragma once

#include <cstdint>

namespace stapkill {

/// CLOCK_REALTIME, nanoseconds.
std::int64_t wall_now();

/// CLOCK_BOOTTIME, nanoseconds.
std::int64_t boot_now();

/// The wall time of a moment given by CLOCK_BOOTTIME. The distance between both clocks is measured anew at most once a
/// second, so that a step of the wall clock shows in what comes after it.
std::int64_t wall_of_boot(std::int64_t boot_ns);

}  // namespace stapkill
