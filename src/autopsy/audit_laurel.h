#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace stapkill {

/// The records of a line of LAUREL's JSON (threathunters-io/laurel, json-format.md: an object for an event, with its
/// records by type) in the form of auditd's log, as far as they are used here. None for another line.
std::vector<std::string> laurel_records(std::string_view line);

}  // namespace stapkill
