#pragma once

/// The event loop by name only: <boost/asio/io_context.hpp> takes more than a second to compile, and most headers just
/// pass a loop on.
namespace boost::asio {
class io_context;
}
