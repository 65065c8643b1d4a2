#include "event/cgroup_names.h"

#include "catch.h"

using namespace stapkill;

TEST_CASE("cgroup names: the unit is the last that a path names", "[cgroup_names]") {
  CHECK(unit_of("/system.slice/nginx.service") == "nginx.service");
  CHECK(unit_of("/user.slice/user-0.slice/session-3.scope") == "session-3.scope");
  CHECK(unit_of("/system.slice/docker.service/inner/x") == "docker.service");
  CHECK_FALSE(unit_of("/system.slice"));
  CHECK_FALSE(unit_of("/.service"));
  CHECK_FALSE(unit_of(std::nullopt));
}

TEST_CASE("cgroup names: a container's id is 64 hexadecimal digits", "[cgroup_names]") {
  std::string id(64, 'a'), other(64, '0');
  CHECK(container_id_of("/docker/" + id) == id);
  CHECK(container_id_of("/system.slice/docker-" + id + ".scope") == id);
  CHECK(container_id_of("/kubepods/" + other + "/" + id) == id);
  CHECK_FALSE(container_id_of("/docker/" + id + "b"));
  CHECK_FALSE(container_id_of("/docker/" + id.substr(1)));
  CHECK_FALSE(container_id_of("/docker/" + std::string(64, 'A')));
  CHECK_FALSE(container_id_of(std::nullopt));
}
