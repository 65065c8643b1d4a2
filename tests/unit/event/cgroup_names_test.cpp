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
