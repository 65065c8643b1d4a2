#pragma once

#include <string>
#include <string_view>

#include "backend/event.h"

namespace stapkill {

/// The version of the line format that this build reads (docs/wire.md).
inline constexpr int kWireVersion = 2;

/// Reads one line (without its newline) that the watch module wrote. False for anything else: the line is then damaged
/// or not the module's. Strings are decoded into `storage`, which must outlive the event.
bool parse_wire(std::string_view line, Event& event, std::string& storage);

}  // namespace stapkill
