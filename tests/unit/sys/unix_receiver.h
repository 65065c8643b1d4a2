#pragma once

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstddef>
#include <cstring>
#include <string>

#include "catch.h"
#include "sys/fd.h"

/// Receives datagrams at an address: a path, or "@NAME".
class UnixReceiver {
 public:
  explicit UnixReceiver(const std::string& address)
      : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_un place{};
    place.sun_family = AF_UNIX;
    REQUIRE(address.size() < sizeof place.sun_path);
    std::memcpy(place.sun_path, address.data(), address.size());
    if (address[0] == '@') place.sun_path[0] = 0;
    auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address.size());
    REQUIRE(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&place), length) == 0);
  }

  /// The next datagram; "" where none is there.
  std::string next() const {
    std::string datagram(1 << 20, '\0');
    auto got = ::recv(socket_.get(), datagram.data(), datagram.size(), 0);
    datagram.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return datagram;
  }

 private:
  stapkill::Fd socket_;
};
