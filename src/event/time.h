#pragma once

#include <string>

#include "event/record.h"

namespace stapkill {

/// Appends RFC 3339 in UTC with nanoseconds: 2026-11-20T19:22:30.123456789Z.
void append_rfc3339(std::string& out, Time time);

/// "19:22:30.123" in local time.
std::string clock_time(Time time);

/// What a start time in clock ticks since boot is in wall time; set once by set_boot_time, 0 before.
Time time_of_start(std::uint64_t ticks);

/// Says when the machine booted, as wall time now minus boot time now.
void set_boot_time(Time boot);

}  // namespace stapkill
