#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/kernel_event.h"

namespace stapkill {

/// The version of the line format that this build writes, and the oldest that it still reads (docs/wire.md).
inline constexpr int kWireVersion = 3;
/// The same of recordings; since 4 they say when the engine learned the time.
inline constexpr int kRecordingVersion = 5, kOldestRecordingVersion = 2;
inline constexpr int kLoginsSince = 5;  ///< version whose "proc" lines have the login and the terminal

/// Holds the texts and lists of an event.
struct WireStorage {
  std::string text;
  std::vector<ProcessKey> ancestors;
};

/// Reads one line (without its newline) that the watch module or append_wire wrote. False for any other line, also a
/// damaged one; the event's CPU and sequence number are then set if they could be read. Decoded fields lie in
/// `storage`, which must outlive the event.
bool parse_wire(std::string_view line, KernelEvent& event, WireStorage& storage);

/// Appends the event as one such line; parse_wire reads the same event from it. (Whether a signal was sent to a whole
/// group is not part of an event; it is written as 0.)
void append_wire(std::string& out, const KernelEvent& event);

}  // namespace stapkill
