#pragma once

#include <boost/asio/signal_set.hpp>

namespace stapkill {

/// The signals that ask stapkill to stop: SIGINT, SIGTERM and SIGHUP. One that the caller had ignored stays ignored
/// (nohup(1); a background job of a script, POSIX 2.11), also in what stapkill runs.
class StopSignals : public boost::asio::signal_set {
 public:
  explicit StopSignals(boost::asio::io_context& loop);
};

}  // namespace stapkill
