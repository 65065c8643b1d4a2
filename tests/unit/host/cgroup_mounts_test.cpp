#include "host/cgroup_mounts.h"

#include "catch.h"

using namespace stapkill;

TEST_CASE("cgroup mounts: of both versions, from the root alone", "[cgroup]") {
  CHECK(cgroup_mounts("24 1 0:22 / /proc rw - proc proc rw\n"
                      "31 24 0:26 / /sys/fs/cgroup ro,nosuid - tmpfs tmpfs ro\n"
                      "32 31 0:27 / /sys/fs/cgroup/unified rw,relatime shared:9 - cgroup2 cgroup2 rw\n"
                      "33 31 0:28 / /sys/fs/cgroup/my\\040own rw - cgroup cgroup rw,memory\n"
                      "34 31 0:28 /docker/x /mnt/part rw - cgroup cgroup rw,memory\n"
                      "broken line - cgroup\n"
                      "\n") == std::vector<std::string>{"/sys/fs/cgroup/unified", "/sys/fs/cgroup/my own"});
  CHECK(cgroup_mounts("").empty());
}

TEST_CASE("cgroup mounts: a path that is none of theirs stays as it is", "[cgroup]") {
  CHECK(without_cgroup_mount("/system.slice/x") == "/system.slice/x");
  CHECK(without_cgroup_mount("system.slice") == "system.slice");
}
