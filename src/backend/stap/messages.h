#pragma once

#include <optional>
#include <string_view>

#include "event/record.h"

namespace stapkill {

/// What a line of stap's or staprun's standard error means, from the table of known messages (FACTS 2); none for lines
/// that mean nothing to a person. `time` is left 0.
std::optional<DiagnosticRecord> explain_message(std::string_view line);

}  // namespace stapkill
