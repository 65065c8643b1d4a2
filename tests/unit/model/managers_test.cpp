#include "model/managers.h"

#include "catch.h"

using namespace stapkill;

TEST_CASE("managers: a socket is known by the last component of its path", "[managers]") {
  for (const char* path : {"/run/docker.sock", "/var/run/docker.sock", "docker.sock"}) {
    INFO(path);
    REQUIRE(manager_socket(path));
    CHECK(manager_socket(path)->manager == Manager::docker);
    CHECK(manager_socket(path)->through == "docker.sock");
  }
  CHECK(manager_socket("/run/systemd/private")->through == "systemd");
  CHECK(manager_socket("/run/dbus/system_bus_socket")->through == "D-Bus");
  for (const char* path : {"", "/", "/run/docker.sock/x", "/run/systemd/journal/stdout", "@docker.sock2"}) {
    INFO(path);
    CHECK_FALSE(manager_socket(path));
  }
}

TEST_CASE("managers: a common name counts only where a manager listens", "[managers]") {
  CHECK(manager_socket("/run/systemd/private")->of_daemon);
  CHECK_FALSE(manager_socket("/run/docker.sock")->of_daemon);
}
