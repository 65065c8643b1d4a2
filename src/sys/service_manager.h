#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sys/unix_datagram.h"

namespace stapkill {

/// The service manager that started this process, if one did: sd_notify(3), "Standalone Implementations". Without one,
/// nothing is sent.
class ServiceManager {
 public:
  /// Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID (sd_watchdog_enabled(3)) and removes them: they are not for
  /// children.
  static ServiceManager of_environment();

  /// `socket`: an address of UnixDatagram; "" for none. `watchdog`: ns.
  ServiceManager(const std::string& socket, std::optional<std::int64_t> watchdog);

  /// ns within which it expects each alive(); none: it expects none.
  std::optional<std::int64_t> watchdog() const { return watchdog_; }
  bool is_there() const { return there_; }

  /// The service does its work from now on. `status` is one line for people.
  void ready(std::string_view status);
  void status(std::string_view status);
  void alive();
  void stopping();

 private:
  UnixDatagram socket_;
  std::optional<std::int64_t> watchdog_;
  bool there_;
};

}  // namespace stapkill
