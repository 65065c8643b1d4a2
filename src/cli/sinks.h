#pragma once

#include <memory>
#include <vector>

#include "base/text_style.h"
#include "cli/options.h"
#include "session/sink.h"
#include "sys/event_loop.h"

namespace stapkill {

/// How text looks, by --color, --verbose and --signal, on standard output or in the file of --output.
Result<TextStyle> text_style_of(const Arguments& arguments);

/// Standard output, or the file of --output.
Result<std::unique_ptr<Output>> open_output(boost::asio::io_context& loop, const Arguments& arguments);

/// The usage error for a --format that there is not.
tl::unexpected<Error> no_such_format(const std::string& format);

/// Where a command's records go, by --format, --output, --record and --color.
Result<std::vector<std::unique_ptr<Sink>>> make_sinks(boost::asio::io_context& loop, const Arguments& arguments);

}  // namespace stapkill
