#include "catch.h"
#include "host/made_node.h"
#include "host/procfs.h"
#include "temporary.h"

using namespace stapkill;

namespace {

/// The cgroup of a process whose /proc/PID/cgroup has these lines.
std::optional<std::string> cgroup_of(const std::string& lines) {
  Temporary root;
  root.write("9/status", "Name:\tx\nTgid:\t9\nPPid:\t1\nUid:\t0\t0\t0\t0\n");
  root.write("9/stat", "9 (x) S 1 5 6 0 -1 4194560 100 0 0 0 1 2 0 0 20 0 1 0 42 1000\n");
  root.write("9/cgroup", lines);
  auto entry = read_process(9, root.path());
  REQUIRE(entry.has_value());
  return entry->process.cgroup;
}

}  // namespace

TEST_CASE("procfs: cgroups of version 2 alone", "[procfs]") {
  CHECK(cgroup_of("0::/\n") == "/");
  CHECK(cgroup_of("0::/a/b\n") == "/a/b");
  CHECK(cgroup_of("0::/a/b") == "/a/b");  // truncated after its path
  CHECK(cgroup_of("0::/user.slice/user-0.slice/session-1.scope\n") == "/user.slice/user-0.slice/session-1.scope");
}

TEST_CASE("procfs: cgroups of version 1 alone", "[procfs]") {
  // CentOS 7: the memory controller's where the process is anywhere in it, else systemd's.
  const std::string centos =
      "11:pids:/system.slice/x.service\n10:cpuacct,cpu:/system.slice\n5:memory:MEMORY\n"
      "1:name=systemd:/system.slice/x.service\n";
  auto with_memory = [&](const std::string& path) {
    return cgroup_of(std::string(centos).replace(centos.find("MEMORY"), 6, path));
  };
  CHECK(with_memory("/") == "/system.slice/x.service");
  CHECK(with_memory("/system.slice/y.service") == "/system.slice/y.service");
  CHECK(with_memory("/docker/abc") == "/docker/abc");
  CHECK(cgroup_of("5:memory:/m\n1:name=systemd:/a/b\n") == "/m");
  CHECK(cgroup_of("5:memory:/\n2:cpu:/y\n") == "/");
  CHECK(cgroup_of("2:cpu:/y\n") == std::nullopt);
  CHECK(cgroup_of("7:hugetlb,memory,net_cls:/m\n") == "/m");
}

TEST_CASE("procfs: cgroups of both versions: whichever is deeper, and memory's of two", "[procfs]") {
  auto both = [](const std::string& memory, const std::string& unified) {
    return cgroup_of("12:pids:/p/q/r/s\n5:memory:" + memory +
                     "\n1:name=systemd:/system.slice/s.service/t\n0::" + unified + "\n");
  };
  CHECK(both("/docker/abc", "/") == "/docker/abc");
  CHECK(both("/docker/abc", "/system.slice/containerd.service") == "/docker/abc");
  CHECK(both("/user.slice", "/user.slice/user-0.slice/session-1.scope") == "/user.slice/user-0.slice/session-1.scope");
  CHECK(both("/", "/system.slice/b.service") == "/system.slice/b.service");
  CHECK(both("/", "/") == "/");
  CHECK(both("/m", "/u") == "/m");
  CHECK(both("/m", "/u/v") == "/u/v");
  CHECK(cgroup_of("1:name=systemd:/system.slice/a.service\n0::/\n") == "/");
}

TEST_CASE("procfs: what a cgroup's path can hold", "[procfs]") {
  CHECK(cgroup_of("0::/a:b/c:0::d\n") == "/a:b/c:0::d");
  CHECK(cgroup_of("0::/5:memory:/m\n") == "/5:memory:/m");
  CHECK(cgroup_of("5:memory:/x:memory:/y\n0::/u\n") == "/x:memory:/y");
  CHECK(cgroup_of("0::/gone (deleted)\n") == "/gone (deleted)");
  CHECK(cgroup_of("0::/\xff\xfe \t\\012\x1b\n") == "/\xff\xfe \t\\012\x1b");
  // Outside of the reader's cgroup namespace (cgroup_path_ns, kernel/cgroup/cgroup.c).
  CHECK(cgroup_of("0::/../x\n") == "/../x");
  CHECK(cgroup_of("5:memory:/../../docker/abc\n0::/../x\n") == "/../../docker/abc");
  CHECK(cgroup_of("0::/..\n") == "/..");
}

TEST_CASE("procfs: names that only look like the memory controller's, and lines that are none", "[procfs]") {
  CHECK(cgroup_of("5:name=memory:/n/n/n\n0::/u\n") == "/u");
  CHECK(cgroup_of("5:memoryx,xmemory:/n/n/n\n0::/u\n") == "/u");
  CHECK(cgroup_of("") == std::nullopt);
  CHECK(cgroup_of("\n\n") == std::nullopt);
  CHECK(cgroup_of("garbage") == std::nullopt);
  CHECK(cgroup_of("garbage\n:\n::\n0::\n0::no path\n0::/u\n") == "/u");
}

TEST_CASE("procfs: its cgroups in other hierarchies are read too", "[procfs]") {
  MadeNode made;
  made.process(10, "4:memory:/docker/a\n3:pids:/jobs/b\n2:cpu,cpuacct:/jobs/b\n1:name=systemd:/\n0::/unified\n");
  made.process(11, "0::/only\n");
  auto entry = read_process(10, (made / "proc"));
  REQUIRE(entry.has_value());
  CHECK(entry->process.cgroup == "/docker/a");
  CHECK(entry->other_cgroups == std::vector<std::string>{"/jobs/b", "/unified"});
  CHECK(read_process(11, (made / "proc"))->other_cgroups.empty());
}
