#pragma once

#include <boost/asio/signal_set.hpp>

namespace stapkill {

/// The signals that ask stapkill to stop: SIGINT, SIGTERM and SIGHUP. A signal that was ignored at start stays ignored
/// (nohup(1); background jobs of scripts, POSIX 2.11), also in stapkill's children.
class StopSignals : public boost::asio::signal_set {
 public:
  explicit StopSignals(boost::asio::io_context& loop);
};

}  // namespace stapkill
