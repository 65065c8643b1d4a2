#include "sys/unix_datagram.h"

#include <unistd.h>

#include "sys/unix_receiver.h"
#include "temporary.h"

using namespace stapkill;

TEST_CASE("unix datagram: a path and an abstract name get what is sent", "[unix_datagram]") {
  Temporary folder;
  for (const auto& address : {(folder / "socket").string(), "@stapkill-unit-" + std::to_string(::getpid())}) {
    UnixReceiver receiver(address);
    UnixDatagram socket(address);
    CHECK(socket.send("one"));
    CHECK(socket.send(std::string("t\0wo", 4)));
    CHECK(receiver.next() == "one");
    CHECK(receiver.next() == std::string("t\0wo", 4));
  }
}

TEST_CASE("unix datagram: nothing is sent where nobody listens, nor to what is no address", "[unix_datagram]") {
  Temporary folder;
  CHECK_FALSE(UnixDatagram((folder / "socket").string()).send("x"));
  for (const auto* address : {"", "@", "/", "relative", "vsock:2:1234"}) CHECK_FALSE(UnixDatagram(address).send("x"));
  CHECK_FALSE(UnixDatagram("/" + std::string(200, 'a')).send("x"));
}

TEST_CASE("unix datagram: a receiver that reads nothing does not make it wait", "[unix_datagram]") {
  Temporary folder;
  auto address = (folder / "socket").string();
  UnixReceiver receiver(address);
  UnixDatagram socket(address);
  int sent = 0;
  while (sent < 100000 && socket.send(std::string(1000, 'x'))) ++sent;
  CHECK(sent > 0);
  CHECK(sent < 100000);
}
