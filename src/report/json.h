#pragma once

#include <string>

#include "model/record.h"
#include "report/process_json.h"

namespace stapkill {

/// Appends one record (stapkill-stream(5)) as a line with its newline; always valid UTF-8. `processes` caches what
/// records of one stream repeat.
void append_json(std::string& out, const Record& record, ProcessJson& processes);

}  // namespace stapkill
