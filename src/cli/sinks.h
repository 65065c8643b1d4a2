#pragma once

#include <memory>
#include <vector>

#include "cli/options.h"
#include "session/sink.h"
#include "sys/event_loop.h"

namespace stapkill {

/// Where a command's records go, by --format, --output, --record and --color.
Result<std::vector<std::unique_ptr<Sink>>> make_sinks(boost::asio::io_context& loop, const Arguments& arguments);

}  // namespace stapkill
