#include "sys/unix_datagram.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <cstddef>
#include <cstring>
#include <utility>

namespace stapkill {

UnixDatagram::UnixDatagram(std::string address) : address_(std::move(address)) {
  bool fits = address_.size() > 1 && address_.size() < sizeof(sockaddr_un::sun_path);
  if (fits && (address_[0] == '/' || address_[0] == '@'))
    socket_ = Fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

bool UnixDatagram::send(std::string_view datagram) {
  if (!socket_) return false;
  sockaddr_un place{};
  place.sun_family = AF_UNIX;
  std::memcpy(place.sun_path, address_.data(), address_.size());
  if (address_[0] == '@') place.sun_path[0] = 0;
  auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size());
  return ::sendto(socket_.get(), datagram.data(), datagram.size(), MSG_DONTWAIT | MSG_NOSIGNAL,
                  reinterpret_cast<const sockaddr*>(&place), length) == static_cast<ssize_t>(datagram.size());
}

}  // namespace stapkill
