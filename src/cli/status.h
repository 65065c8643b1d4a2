#pragma once

#include <memory>
#include <vector>

#include "cli/options.h"
#include "cli/progress.h"
#include "session/sink.h"
#include "sys/event_loop.h"

namespace stapkill {

/// The sinks of a watch (cli/sinks.h). Text on a terminal that no command writes to as well gets a status line, which
/// `progress` removes before it writes.
Result<std::vector<std::unique_ptr<Sink>>> make_watch_sinks(boost::asio::io_context& loop, const Arguments& arguments,
                                                            Progress& progress);

}  // namespace stapkill
