#pragma once

#include <optional>
#include <string_view>

#include "base/time.h"

namespace stapkill {

// Times as state files and tools write them. None for another text, and for one outside of 1971 to 2199: Go's zero time
// is year 1, and a zero of nanoseconds is 1970.

/// "2026-11-30T18:21:21.123456789Z", "2026-11-30T19:21:21+01:00": Go's RFC3339Nano.
std::optional<Time> rfc3339_time(std::string_view text);

/// "Mon, 30 Nov 2026 18:21:21 +0000": Go's RFC1123Z, as kubectl describe prints (kubectl 1.28, pkg/describe).
std::optional<Time> rfc1123z_time(std::string_view text);

/// Nanoseconds since 1970.
std::optional<Time> nanoseconds_time(std::optional<std::int64_t> number);

/// "Mon 2026-11-30 18:21:21 UTC", also with microseconds, and "@1764526881" (systemd 252, src/basic/time-util.c,
/// format_timestamp_style). A zone is an abbreviation, which can be of several zones.
struct StampedTime {
  Time time = 0;
  Time doubt = 0;  ///< half a day and more where the zone is not known
};
std::optional<StampedTime> systemd_time(std::string_view text);

}  // namespace stapkill
