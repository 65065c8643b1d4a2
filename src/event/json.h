#pragma once

#include <string>

#include "event/record.h"

namespace stapkill {

/// Appends one record of the stream (stapkill-stream(5)) as one line with its newline. Valid UTF-8 whatever the record
/// holds.
void append_json(std::string& out, const Record& record);

}  // namespace stapkill
