#pragma once

#include <string>

#include "model/record.h"
#include "report/process_json.h"

namespace stapkill {

/// Appends one record of the stream (stapkill-stream(5)) as one line with its newline. Valid UTF-8 whatever the record
/// holds. `processes` keeps what records of one stream repeat.
void append_json(std::string& out, const Record& record, ProcessJson& processes);

}  // namespace stapkill
