#pragma once

#include <string>

#include "base/phrase.h"
#include "base/time.h"

namespace stapkill {

/// "2026-11-30 19:22:30" in local time.
std::string date_and_time(Time time);

/// The time of day alone ("19:22:30.123") on the local day of `other`, else with its date.
std::string time_beside(Time time, Time other);

/// How long something took, in its two largest units: "3 ms", "12.5 s", "12 min 19 s", "3 h 5 min", "2 days 4 h".
Phrase span_text(Time span);

}  // namespace stapkill
