#pragma once

#include <optional>
#include <vector>

#include "base/time.h"
#include "store/stored_death.h"

namespace stapkill {

/// The machine's clocks at one moment, ns. CLOCK_MONOTONIC stands still while the machine sleeps, CLOCK_BOOTTIME does
/// not (clock_gettime(2)).
struct Clocks {
  Time wall = 0, boot = 0, monotonic = 0;
};

Clocks clocks_now();

/// Notices that the machine slept, or that its clock was set, between two looks.
class ClockWatch {
 public:
  /// The intervals since the last look.
  std::vector<BlindInterval> look(const Clocks& now);

 private:
  std::optional<Clocks> last_;
};

}  // namespace stapkill
