#pragma once

#include <optional>
#include <string_view>

#include "base/time.h"

namespace stapkill {

/// A moment as people write it: RFC 3339 ("2026-11-30T10:00:00Z"), "2026-11-30 10:00[:00]" and "10:00" in local time,
/// "yesterday [10:00]", "today [10:00]", or so long before `now`: "90s", "15m", "2h", "3d". None for another text.
std::optional<Time> parse_when(std::string_view text, Time now);

}  // namespace stapkill
