#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/kernel_event.h"

namespace stapkill {

/// The version of the line format that this build writes, and the oldest that it still reads (docs/wire.md).
inline constexpr int kWireVersion = 3;
/// Of recordings; since 4 they say when the engine learned what time it is.
inline constexpr int kRecordingVersion = 4, kOldestRecordingVersion = 2;

/// Where the texts and lists of an event lie.
struct WireStorage {
  std::string text;
  std::vector<ProcessKey> ancestors;
};

/// Reads one line (without its newline) that the watch module or append_wire wrote. False for anything else: the line
/// is then damaged, or of somebody else; the event's CPU and sequence number are set if they could be read. What has to
/// be decoded lies in `storage`, which must outlive the event.
bool parse_wire(std::string_view line, KernelEvent& event, WireStorage& storage);

/// Appends the event as one such line, with all that the wire tells of its kind: what parse_wire reads is the same
/// event. (Whether a signal was sent to a whole group is no part of an event; it is written as 0.)
void append_wire(std::string& out, const KernelEvent& event);

}  // namespace stapkill
