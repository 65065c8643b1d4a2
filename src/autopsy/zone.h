#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/time.h"

namespace stapkill {

/// A local time without a zone, as logs have it. Fields outside of their range carry over, as with mktime(3).
struct CivilTime {
  int year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0;
};

/// The offsets of a time zone.
class TimeZone {
 public:
  /// "": this process's zone. Else a form of TZ (tzset(3)): "CET-1CEST,M3.5.0,M10.5.0/3", "Europe/Berlin", or the path
  /// of a tzfile(5), with or without ":". One that cannot be read is UTC: `known()` tells.
  explicit TimeZone(const std::string& name = "");

  bool known() const { return known_; }

  /// Wall time, and how far it may be off: where clocks are set back, an hour comes twice (the later is given), where
  /// they are set forward, one never comes.
  struct Zoned {
    Time time = 0, doubt = 0;
  };
  Zoned time_of(const CivilTime& local) const;
  /// The same for ns since 1970 as a local clock shows them.
  Zoned time_of(Time local) const;

  struct Offsets;

 private:
  std::shared_ptr<const Offsets> offsets_;  ///< null: this process's zone
  bool known_ = true;
};

}  // namespace stapkill
