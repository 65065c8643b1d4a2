#include "catch.h"
#include "host/made_node.h"
#include "host/procfs.h"
#include "temporary.h"

using namespace stapkill;

namespace {

/// What is told of a process whose /proc/PID/cgroup has these lines.
std::optional<std::string> told(const std::string& lines) {
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
  CHECK(told("0::/\n") == "/");
  CHECK(told("0::/a/b\n") == "/a/b");
  CHECK(told("0::/a/b") == "/a/b");  // cut off behind its path
  CHECK(told("0::/user.slice/user-0.slice/session-1.scope\n") == "/user.slice/user-0.slice/session-1.scope");
}

TEST_CASE("procfs: cgroups of version 1 alone", "[procfs]") {
  // CentOS 7: the memory controller's where the process is anywhere in it, else systemd's.
  const std::string centos =
      "11:pids:/system.slice/x.service\n10:cpuacct,cpu:/system.slice\n5:memory:MEMORY\n"
      "1:name=systemd:/system.slice/x.service\n";
  auto with_memory = [&](const std::string& path) {
    return told(std::string(centos).replace(centos.find("MEMORY"), 6, path));
  };
  CHECK(with_memory("/") == "/system.slice/x.service");
  CHECK(with_memory("/system.slice/y.service") == "/system.slice/y.service");
  CHECK(with_memory("/docker/abc") == "/docker/abc");
  CHECK(told("5:memory:/m\n1:name=systemd:/a/b\n") == "/m");
  CHECK(told("5:memory:/\n2:cpu:/y\n") == "/");
  CHECK(told("2:cpu:/y\n") == std::nullopt);
  CHECK(told("7:hugetlb,memory,net_cls:/m\n") == "/m");
}

TEST_CASE("procfs: cgroups of both versions: whichever is deeper, and memory's of two", "[procfs]") {
  auto both = [](const std::string& memory, const std::string& unified) {
    return told("12:pids:/p/q/r/s\n5:memory:" + memory + "\n1:name=systemd:/system.slice/s.service/t\n0::" + unified +
                "\n");
  };
  CHECK(both("/docker/abc", "/") == "/docker/abc");
  CHECK(both("/docker/abc", "/system.slice/containerd.service") == "/docker/abc");
  CHECK(both("/user.slice", "/user.slice/user-0.slice/session-1.scope") == "/user.slice/user-0.slice/session-1.scope");
  CHECK(both("/", "/system.slice/b.service") == "/system.slice/b.service");
  CHECK(both("/", "/") == "/");
  CHECK(both("/m", "/u") == "/m");
  CHECK(both("/m", "/u/v") == "/u/v");
  CHECK(told("1:name=systemd:/system.slice/a.service\n0::/\n") == "/");
}

TEST_CASE("procfs: what a cgroup's path can hold", "[procfs]") {
  CHECK(told("0::/a:b/c:0::d\n") == "/a:b/c:0::d");
  CHECK(told("0::/5:memory:/m\n") == "/5:memory:/m");
  CHECK(told("5:memory:/x:memory:/y\n0::/u\n") == "/x:memory:/y");
  CHECK(told("0::/gone (deleted)\n") == "/gone (deleted)");
  CHECK(told("0::/\xff\xfe \t\\012\x1b\n") == "/\xff\xfe \t\\012\x1b");
  // Outside of the reader's cgroup namespace (cgroup_path_ns, kernel/cgroup/cgroup.c).
  CHECK(told("0::/../x\n") == "/../x");
  CHECK(told("5:memory:/../../docker/abc\n0::/../x\n") == "/../../docker/abc");
  CHECK(told("0::/..\n") == "/..");
}

TEST_CASE("procfs: names that only look like the memory controller's, and lines that are none", "[procfs]") {
  CHECK(told("5:name=memory:/n/n/n\n0::/u\n") == "/u");
  CHECK(told("5:memoryx,xmemory:/n/n/n\n0::/u\n") == "/u");
  CHECK(told("") == std::nullopt);
  CHECK(told("\n\n") == std::nullopt);
  CHECK(told("garbage") == std::nullopt);
  CHECK(told("garbage\n:\n::\n0::\n0::no path\n0::/u\n") == "/u");
}

TEST_CASE("procfs: where a process is in other hierarchies is told as well", "[procfs]") {
  MadeNode made;
  made.process(10, "4:memory:/docker/a\n3:pids:/jobs/b\n2:cpu,cpuacct:/jobs/b\n1:name=systemd:/\n0::/unified\n");
  made.process(11, "0::/only\n");
  auto entry = read_process(10, (made / "proc"));
  REQUIRE(entry.has_value());
  CHECK(entry->process.cgroup == "/docker/a");
  CHECK(entry->other_cgroups == std::vector<std::string>{"/jobs/b", "/unified"});
  CHECK(read_process(11, (made / "proc"))->other_cgroups.empty());
}
