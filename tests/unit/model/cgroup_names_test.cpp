#include "model/cgroup_names.h"

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

TEST_CASE("cgroup names: the outermost unit is the machine's own", "[cgroup_names]") {
  CHECK(outermost_unit_of("/user.slice/user-7.slice/user@7.service/app.slice/x.service") == "user@7.service");
  CHECK(outermost_unit_of("/system.slice/nginx.service (deleted)") == "nginx.service");
  CHECK_FALSE(outermost_unit_of("/system.slice"));
  CHECK_FALSE(outermost_unit_of(std::nullopt));
}

TEST_CASE("cgroup names: what is in a cgroup", "[cgroup]") {
  CHECK(is_in_cgroup("/a/b", "/a"));
  CHECK(is_in_cgroup("/a/b", "/a/b/"));
  CHECK(is_in_cgroup("/a/b (deleted)", "/a/b"));
  CHECK(is_in_cgroup("/a", "/"));
  CHECK_FALSE(is_in_cgroup("/ab", "/a"));
  CHECK_FALSE(is_in_cgroup("/a", "/a/b"));
  CHECK_FALSE(is_in_cgroup("", "/a"));
}

TEST_CASE("cgroup names: what is of a unit", "[cgroup]") {
  CHECK(is_in_unit("/system.slice/ssh.service", "ssh.service"));
  CHECK(is_in_unit("/user.slice/user-1000.slice/user@1000.service/app.slice/x.scope", "user@1000.service"));
  CHECK(is_in_unit("/system.slice/ssh.service (deleted)", "ssh.service"));
  CHECK(is_in_unit("/system.slice/_cpu.service", "cpu.service"));
  CHECK(is_in_unit("/system.slice/dev-a\\x2db.swap", "dev-a\\x2db.swap"));
  CHECK_FALSE(is_in_unit("/system.slice/ssh.service.d", "ssh.service"));
  CHECK_FALSE(is_in_unit("", "ssh.service"));
}
