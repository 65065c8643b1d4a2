#pragma once

#include <cstdint>
#include <string>

namespace stapkill {

/// Nanoseconds since 1970-01-01 UTC, unless stated otherwise.
using Time = std::int64_t;

/// Appends RFC 3339 in UTC with nanoseconds: 2026-11-20T19:22:30.123456789Z.
void append_rfc3339(std::string& out, Time time);

/// "19:22:30.123" in local time.
std::string clock_time(Time time);

/// The wall time of a start in clock ticks since boot, on a machine that booted at that wall time. Exact to the tick:
/// the same start always gives the same time.
Time time_of_start(std::uint64_t ticks, Time booted);

}  // namespace stapkill
