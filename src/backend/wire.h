#pragma once

#include <string>
#include <string_view>

#include "backend/event.h"

namespace stapkill {

/// The version of the line format that this build writes, and the oldest that it still reads (docs/wire.md).
inline constexpr int kWireVersion = 3, kOldestWireVersion = 2;

/// Reads one line (without its newline) that the watch module or append_wire wrote. False for anything else: the line
/// is then damaged, or of somebody else. Strings are decoded into `storage`, which must outlive the event.
bool parse_wire(std::string_view line, Event& event, std::string& storage);

/// Appends the event as one such line, with all that the wire tells of its kind: what parse_wire reads is the same
/// event. (Whether a signal was sent to a whole group is no part of an event; it is written as 0.)
void append_wire(std::string& out, const Event& event);

}  // namespace stapkill
