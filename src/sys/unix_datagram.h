#pragma once

#include <string>
#include <string_view>

#include "sys/fd.h"

namespace stapkill {

/// Sends datagrams to a Unix socket (unix(7)) and never waits: what the receiver does not take at once is not sent.
class UnixDatagram {
 public:
  /// `address` is an absolute path, or "@NAME" for an abstract one. Nothing is sent to any other, nor to one that is
  /// too long.
  explicit UnixDatagram(std::string address);

  /// False where nobody listens there, or the receiver's queue is full.
  bool send(std::string_view datagram);

 private:
  std::string address_;
  Fd socket_;
};

}  // namespace stapkill
