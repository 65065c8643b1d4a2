#pragma once

#include <memory>
#include <vector>

#include "cli/options.h"
#include "cli/progress.h"
#include "sys/byte_source.h"

namespace stapkill {

/// Renders the records of streams (stapkill-stream(5)) again, those of several in the order of their times. The exit
/// status: 1 when lines were no records, or a file could not be read to its end; 0 also when one was cut off.
Result<int> replay_streams(const Arguments& arguments, std::vector<std::unique_ptr<ByteSource>> sources,
                           Progress& progress);

}  // namespace stapkill
