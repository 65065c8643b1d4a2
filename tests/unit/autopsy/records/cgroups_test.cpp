#include "autopsy/records/cgroups.h"

#include "autopsy/records/read_records.h"
#include "autopsy/records/shown.h"
#include "catch.h"
#include "temporary.h"

using namespace stapkill;
using shown::Texts;

namespace {

const std::string kA(64, 'a');

/// memory.events of Linux 6.1.
std::string events(int kills, int groups = 0) {
  return "low 0\nhigh 0\nmax 12\noom 1\noom_kill " + std::to_string(kills) + "\noom_group_kill " +
         std::to_string(groups) + "\n";
}

/// "CGROUP: REASON" of each.
Texts read(const Temporary& root) {
  Texts all;
  for (const auto& one : read_cgroups(shown::scope(root.path())).findings)
    all.push_back(one.subject.cgroup + ": " + one.reason.substr(0, 60));
  return all;
}

}  // namespace

TEST_CASE("cgroups: whose kills they are", "[autopsy_cgroups]") {
  Temporary root;
  const std::string top = "sys/fs/cgroup/", slice = top + "system.slice/", docker = slice + "docker-" + kA + ".scope/";
  root.write(top + "cgroup.controllers", "memory pids\n");
  root.write(slice + "memory.events", events(5));
  root.write(slice + "memory.events.local", events(0));
  root.write(docker + "memory.events", events(3, 1));
  root.write(docker + "memory.events.local", events(2, 1));
  root.write(docker + "memory.max", "67108864\n");
  root.write(docker + "pids.events", "max 7\n");
  root.write(docker + "init/memory.events", events(1));
  root.write(docker + "init/memory.events.local", events(1));
  root.write(docker + "init/memory.max", "max\n");
  auto reading = read_cgroups(shown::scope(root.path()));
  const std::string cgroup = "/system.slice/docker-" + kA + ".scope";
  CHECK(read(root) == Texts{cgroup + "/init: memory.events.local: oom_kill 1 (of its own processes, since",
                            cgroup + ": pids.events: max 7 (so often a new process or thread was ref",
                            cgroup + ": memory.events: oom_group_kill 1 (all its processes were ende",
                            cgroup + ": memory.events.local: oom_kill 2 (of its own processes, since",
                            "/system.slice: memory.events: oom_kill 2 in cgroups below it that are gone "});
  REQUIRE(reading.findings.size() == 5);
  CHECK(reading.findings[3].reason.ends_with(", memory.max 64.0 MiB"));
  CHECK(reading.findings[3].subject.container == kA);
  CHECK(reading.findings[3].subject.unit == "docker-" + kA + ".scope");
  CHECK(reading.findings[3].time == 0);
  CHECK(reading.findings[0].reason.find("memory.max") == std::string::npos);
  CHECK(shown::states(reading.notes) == Texts{"cgroups read"});
}

TEST_CASE("cgroups: without memory.events.local, a count is of all below too", "[autopsy_cgroups]") {
  Temporary root;
  root.write("sys/fs/cgroup/cgroup.controllers", "");
  root.write("sys/fs/cgroup/web.service/memory.events", "low 0\nhigh 0\nmax 0\noom 0\noom_kill 2\n");
  CHECK(read(root) == Texts{"/web.service: memory.events: oom_kill 2 (of it and of those below it, sinc"});
}

TEST_CASE("cgroups: version 1", "[autopsy_cgroups]") {
  Temporary root;
  // Linux 5.10.
  root.write("sys/fs/cgroup/memory/docker/" + kA + "/memory.oom_control",
             "oom_kill_disable 0\nunder_oom 0\noom_kill 4\n");
  root.write("sys/fs/cgroup/memory/docker/" + kA + "/memory.limit_in_bytes", "16777216\n");
  root.write("sys/fs/cgroup/memory/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 0\n");
  root.write("sys/fs/cgroup/pids/web/pids.events", "max 1\n");
  auto all = read_cgroups(shown::scope(root.path())).findings;
  REQUIRE(all.size() == 2);
  CHECK(all[0].reason.ends_with(", memory.limit_in_bytes 16.0 MiB"));
  CHECK(all[0].subject.container == kA);
  CHECK(all[0].place == "/sys/fs/cgroup/memory/docker/" + kA + "/memory.oom_control");
  CHECK(all[1].subject.cgroup == "/web");
}

TEST_CASE("cgroups: links, depth, damage and absence", "[autopsy_cgroups]") {
  Temporary root, outside;
  outside.write("web/pids.events", "max 1\n");
  root.write("sys/fs/cgroup/cgroup.controllers", "");
  std::filesystem::create_symlink(outside.path(), root / "sys/fs/cgroup/link");
  std::string deep = "sys/fs/cgroup/";
  for (int i = 0; i < 20; ++i) deep += "d/";
  root.write(deep + "pids.events", "max 1\n");
  root.write("sys/fs/cgroup/a/memory.events", "oom_kill 99999999999999999999\noom_kill x\noom_kill\n");
  root.write("sys/fs/cgroup/a/pids.events", "\xff\nmax -1\nmaximum 3\n");
  CHECK(read(root).empty());
  Temporary none;
  CHECK(shown::states(read_cgroups(shown::scope(none.path())).notes) == Texts{"cgroups absent"});
}
