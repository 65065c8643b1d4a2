#pragma once

#include <string>
#include <vector>

#include "base/time.h"

namespace stapkill {

/// A time zone: the offsets of its local time from UTC between 1995 and 2045.
class Zone {
 public:
  /// `name`: as in Scope::zone. One that the C library does not know is UTC. Sets TZ for the moment of the call: to be
  /// made while no other thread asks for local time.
  explicit Zone(const std::string& name);

  struct Found {
    Time time = 0;
    Time doubt = 0;  ///< where clocks were set: a local time that came twice, or never
  };
  /// `local`: ns since 1970 as a local clock shows them.
  Found utc_of(Time local) const;

 private:
  struct Span {
    Time since = 0;   ///< UTC
    Time offset = 0;  ///< ns east of UTC
  };
  std::vector<Span> spans_;  ///< at least one
};

}  // namespace stapkill
