#pragma once

#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <string>

#include "base/time.h"
#include "sys/event_loop.h"
#include "sys/service_manager.h"

namespace stapkill {

/// What the service manager hears of the recorder: that it watches, since when, how many deaths it has kept, and, from
/// the event loop, that the loop still turns. Without a service manager it does nothing.
class ServiceStatus {
 public:
  ServiceStatus(boost::asio::io_context& loop, ServiceManager manager);

  /// The probes are live, at that wall time.
  void armed(Time now);
  void kept() { ++kept_; }
  void stopping();

 private:
  void wait();
  std::string text() const;

  boost::asio::steady_timer timer_;
  ServiceManager manager_;
  std::string since_, shown_;
  std::uint64_t kept_ = 0;
};

}  // namespace stapkill
