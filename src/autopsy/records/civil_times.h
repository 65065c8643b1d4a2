#pragma once

#include <optional>
#include <string_view>

#include "autopsy/zone.h"

namespace stapkill {

/// "Tue Nov 14 04:40:11 2017": asctime(3).
std::optional<CivilTime> parse_asctime(std::string_view text);

/// "2026-11-30 10:00:00", also with "T" or two spaces between; `rest`: what follows.
std::optional<CivilTime> parse_civil(std::string_view text, std::string_view& rest);

/// "Nov 30 10:00:00" without a year; `rest`: what follows. The year is 0.
std::optional<CivilTime> parse_month_first(std::string_view text, std::string_view& rest);

}  // namespace stapkill
