#pragma once

#include <optional>
#include <vector>

#include "autopsy/logs/stamp.h"
#include "autopsy/scope.h"
#include "autopsy/zone.h"

namespace stapkill {

/// Puts the stamps of one log's lines into wall time, in the order of the lines.
class LineClock {
 public:
  /// `newest`: no line is from after it (the file's mtime). `boots`: for stamps that count from boot, the one that ran
  /// at `newest`. `zone` must outlive it.
  LineClock(const TimeZone& zone, Time newest, const std::vector<Boot>& boots);

  struct Placed {
    Time time = 0;  ///< 0: not known
    Time doubt = 0;
  };
  Placed place(const Stamp& stamp);

  /// The lines cover more than most of a year: the first one is from that time, and each next one from the first year
  /// that puts it after the one before.
  void follow_years(Time first) { last_ = first; }

  /// The time of a line from before `next`: in the last year that its stamp can mean. 0: not known.
  Time time_before(const Stamp& stamp, Time next) const;
  /// The same for the last line.
  Time last_time(const Stamp& stamp) const;
  /// The time of a stamp without a year in that local year; 0: it has no such day.
  Time time_in(const Stamp& stamp, int year) const;
  /// The local year that puts such a stamp at `time`.
  int year_at(const Stamp& stamp, Time time) const;

 private:
  Placed place_yearless(const Stamp& stamp);
  Placed place_boot(Time since_boot);
  void learn_boot(Time since_boot, Time time);
  Time latest(const Stamp& stamp, Time bound) const;

  const TimeZone& zone_;
  Time newest_;
  std::optional<Time> last_;
  std::optional<Time> boot_;  ///< wall time of the kernel's 0
  Time boot_doubt_ = 0;
  Time last_since_boot_ = 0;
};

}  // namespace stapkill
