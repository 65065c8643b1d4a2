#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

namespace stapkill {

/// A day of a year and a time of it, at which clocks are set.
struct ZoneChange {
  enum class Kind { week, julian, zero_based } kind = Kind::week;
  int month = 1, week = 1, day = 0;
  std::int64_t time = 7200;  ///< seconds of local time

  /// In a year: seconds since 1970 as the local clock before the change shows them.
  std::int64_t in(std::int64_t year) const;
};

/// A rule for all years: "CET-1CEST,M3.5.0,M10.5.0/3".
struct ZoneRule {
  std::int64_t standard = 0, summer = 0;  ///< seconds east of UTC
  std::optional<std::pair<ZoneChange, ZoneChange>> changes;

  /// The offset at a time in seconds since 1970 UTC.
  std::int64_t at(std::int64_t seconds) const;
};

/// A rule as in the variable TZ (POSIX, Base Definitions, 8.3) with the extensions of RFC 8536, 3.3.1; none for another
/// text.
std::optional<ZoneRule> parse_zone_rule(std::string_view text);

}  // namespace stapkill
