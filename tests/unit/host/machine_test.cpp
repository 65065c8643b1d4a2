#include "host/machine.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "catch.h"
#include "host/procfs.h"
#include "temporary.h"

using namespace stapkill;
namespace fs = std::filesystem;

TEST_CASE("machine: memory and the core pattern", "[machine]") {
  CHECK(memory_bytes() > 1 << 20);
  Temporary root;
  fs::create_directories(root.path() / "sys/kernel");
  std::ofstream(root.path() / "sys/kernel/core_pattern") << "|/usr/bin/keep %p\n";
  CHECK(core_pattern(root.path()) == "|/usr/bin/keep %p");
  CHECK(core_pattern(root.path() / "none").empty());
  CHECK_FALSE(core_uses_pid(root.path()));
  for (bool uses : {false, true}) {
    root.write("sys/kernel/core_uses_pid", uses ? "1\n" : "0\n");
    CHECK(core_uses_pid(root.path()) == uses);
  }
}

TEST_CASE("machine: the other end of a connection, of that very process", "[machine]") {
  int listener = ::socket(AF_INET, SOCK_STREAM, 0), client = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  REQUIRE(::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  REQUIRE(::listen(listener, 1) == 0);
  REQUIRE(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  auto self = read_process(::getpid());
  REQUIRE(self);
  REQUIRE(::connect(client, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  CHECK(tcp_peer(self->process) == "127.0.0.1");
  auto other = self->process;
  other.start += 1;
  CHECK_FALSE(tcp_peer(other));
  ::close(client);
  ::close(listener);
}

TEST_CASE("machine: unit files", "[machine]") {
  Temporary root;
  fs::create_directories(root.path() / "etc/systemd/system");
  std::ofstream(root.path() / "etc/systemd/system/a.timer") << "[Timer]\n";
  CHECK(has_unit_file("a.timer", root.path()));
  CHECK_FALSE(has_unit_file("b.timer", root.path()));
  CHECK_FALSE(has_unit_file("../system/a.timer", root.path()));
  CHECK_FALSE(has_unit_file("", root.path()));
}
