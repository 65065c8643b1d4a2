#include "autopsy/messages/kernel_oom.h"

#include "autopsy/messages/readers.h"
#include "catch.h"
#include "lines.h"

using namespace stapkill;

namespace {

using Scope = OomReport::Scope;

std::vector<Finding> read(const std::vector<std::string>& lines, Time step = 1'000'000) {
  auto reader = kernel_messages_reader();
  return findings_of(*reader, lines, "kernel", step);
}

const std::string kId = "34186d9bd07706222bd427bb647ceed81e8e108eb653ff73c7137099fca1cab6";
const std::string kPod =
    "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod62015ce8_a46f_4b0e_a5a1_3082235c62dd.slice";

/// 6.1, cgroup v2.
std::vector<std::string> modern() {
  return {
      "python3 invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=985",
      "CPU: 1 PID: 4242 Comm: python3 Not tainted 6.1.0-18-amd64 #1  Debian 6.1.76-1",
      "Call Trace:",
      " dump_stack_lvl+0x44/0x5c",
      "memory: usage 524288kB, limit 524288kB, failcnt 1203",
      "swap: usage 0kB, limit 0kB, failcnt 0",
      "Memory cgroup stats for " + kPod + ":",
      "anon 532676608",
      "Tasks state (memory values in pages):",
      "[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name",
      "[   4100]  1000  4100      243        1    28672        0          -998 pause",
      "[   4242]  1000  4242   200000   128000   131072        0           985 python3",
      "[   4250]  1000  4250     5000      900    61440        0           985 sh",
      "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=cri-containerd-" + kId +
          ".scope,mems_allowed=0,oom_memcg=" + kPod + ",task_memcg=" + kPod + "/cri-containerd-" + kId +
          ".scope,task=python3,pid=4242,uid=1000",
      "Memory cgroup out of memory: Killed process 4242 (python3) total-vm:800000kB, anon-rss:500000kB, "
      "file-rss:11000kB, "
      "shmem-rss:1000kB, UID:1000 pgtables:128kB oom_score_adj:985",
      "oom_reaper: reaped process 4242 (python3), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB",
  };
}

}  // namespace

TEST_CASE("kernel oom: a container's limit, 6.1", "[autopsy][kernel]") {
  auto lines = modern();
  auto found = read(lines);
  REQUIRE(found.size() == 1);
  const auto& death = found[0];
  CHECK(death.kind == Finding::Kind::oom_kill);
  CHECK(death.time == kStart + 14'000'000);
  CHECK(death.quote == lines[14]);
  CHECK(death.source == "kernel-log");
  CHECK(death.place == "/var/log/kern.log:7");
  CHECK(death.signal == 9);
  CHECK(death.by_kernel);
  CHECK(death.subject.pid == 4242);
  CHECK(death.subject.tid == 0);
  CHECK(death.subject.comm == "python3");
  CHECK(death.subject.uid == 1000);
  CHECK(death.subject.container == kId);
  CHECK(death.subject.pod_uid == "62015ce8-a46f-4b0e-a5a1-3082235c62dd");
  CHECK(death.subject.unit == "cri-containerd-" + kId + ".scope");
  REQUIRE(death.oom);
  CHECK(death.oom->scope == Scope::memcg);
  CHECK(death.oom->limited == kPod);
  CHECK(death.oom->of_task == kPod + "/cri-containerd-" + kId + ".scope");
  CHECK(death.oom->limit == 524288u * 1024);
  CHECK(death.oom->resident == 512000u * 1024);
  CHECK(death.oom->asking == "python3");
  CHECK(death.oom->score_adjustment == 985);
  CHECK_FALSE(death.oom->whole_group);
  REQUIRE(death.oom->largest.size() == 3);
  CHECK(death.oom->largest[0] == OomTask{4242, "python3", 128000u * 4096, 985});
  CHECK(death.oom->largest[1].comm == "sh");
  CHECK(death.oom->largest[2].score_adjustment == -998);
}

TEST_CASE("kernel oom: lines of other kinds between do no harm", "[autopsy][kernel]") {
  auto lines = modern();
  for (auto at = lines.size(); at-- > 0;)
    lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(at), "eth0: link is up");
  lines.insert(lines.begin() + 9, "nginx[77]: segfault at 0 ip 0000 sp 0000 error 4 in nginx[400000+1000]");
  auto found = read(lines);
  REQUIRE(found.size() == 2);
  CHECK(found[0].kind == Finding::Kind::fault);
  CHECK(found[1].oom->limit == 524288u * 1024);
  CHECK(found[1].oom->largest.size() == 3);
}

TEST_CASE("kernel oom: each missing line leaves its own part empty", "[autopsy][kernel]") {
  auto full = read(modern())[0];
  auto lines = modern();
  for (std::size_t left_out = 0; left_out < lines.size(); ++left_out) {
    if (left_out == 14) continue;
    auto rest = lines;
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(left_out));
    auto found = read(rest);
    INFO("without: " << lines[left_out]);
    REQUIRE(found.size() == 1);
    CHECK(found[0].subject.pid == 4242);
    CHECK(found[0].oom->scope == Scope::memcg);
    CHECK(found[0].oom->resident == full.oom->resident);
    if (left_out == 0) {
      CHECK(found[0].oom->asking.empty());
      CHECK(found[0].oom->limit == full.oom->limit);
    }
    if (left_out == 4) CHECK(found[0].oom->limit == 0);
    if (left_out == 9) CHECK(found[0].oom->largest.empty());
    if (left_out == 13) {
      CHECK(found[0].oom->of_task.empty());
      CHECK(found[0].oom->limited == kPod);  // of the statistics
    }
  }
  // The victim's line is lost: no death, but a word of the reaper.
  lines.erase(lines.begin() + 14);
  auto found = read(lines);
  REQUIRE(found.size() == 1);
  CHECK(found[0].kind == Finding::Kind::note);
  CHECK(found[0].subject.pid == 4242);
}

TEST_CASE("kernel oom: the machine, 5.15", "[autopsy][kernel]") {
  auto found = read({
      "stress invoked oom-killer: gfp_mask=0x100cca(GFP_HIGHUSER_MOVABLE), order=0, oom_score_adj=0",
      "oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,"
      "task_memcg=/system.slice/mysql.service,task=mysqld,pid=901,uid=112",
      "Out of memory: Killed process 901 (mysqld) total-vm:2200000kB, anon-rss:1900000kB, file-rss:0kB, shmem-rss:0kB, "
      "UID:112 pgtables:4000kB oom_score_adj:0",
  });
  REQUIRE(found.size() == 1);
  CHECK(found[0].oom->scope == Scope::machine);
  CHECK(found[0].oom->limit == 0);
  CHECK(found[0].oom->limited.empty());
  CHECK(found[0].oom->of_task == "/system.slice/mysql.service");
  CHECK(found[0].subject.unit == "mysql.service");
  CHECK(found[0].subject.uid == 112);
}

TEST_CASE("kernel oom: cpuset, mempolicy, the allocating task, SysRq", "[autopsy][kernel]") {
  auto scope = [](const std::string& constraint) {
    return read({"oom-kill:constraint=" + constraint, "a invoked oom-killer: gfp_mask=0x1, order=0, oom_score_adj=0",
                 "oom-kill:constraint=" + constraint +
                     ",nodemask=0,cpuset=a,mems_allowed=0,global_oom,task_memcg=/a,task=a,pid=5,uid=0",
                 "Out of memory: Killed process 5 (a) total-vm:8kB, anon-rss:4kB, file-rss:0kB, shmem-rss:0kB, UID:0 "
                 "pgtables:4kB oom_score_adj:0"})[0]
        .oom->scope;
  };
  CHECK(scope("CONSTRAINT_CPUSET") == Scope::cpuset);
  CHECK(scope("CONSTRAINT_MEMORY_POLICY") == Scope::mempolicy);
  CHECK(scope("CONSTRAINT_NONE") == Scope::machine);
  auto found =
      read({"a invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=-1, oom_score_adj=0",
            "Out of memory (oom_kill_allocating_task): Killed process 5 (a) total-vm:8kB, anon-rss:4kB, file-rss:0kB, "
            "shmem-rss:0kB, UID:0 pgtables:4kB oom_score_adj:-17"});
  REQUIRE(found.size() == 1);
  CHECK(found[0].oom->scope == Scope::machine);
  CHECK(found[0].oom->score_adjustment == -17);
  CHECK(found[0].reason.find("SysRq") != std::string::npos);
}

TEST_CASE("kernel oom: 3.10 and 4.4, the chosen process and its sacrificed child", "[autopsy][kernel]") {
  std::vector<std::string> lines{
      "java invoked oom-killer: gfp_mask=0xd0, order=0, oom_score_adj=300",
      "java cpuset=/ mems_allowed=0",
      "Task in /docker/" + kId + " killed as a result of limit of /docker/" + kId,
      "memory: usage 204800kB, limit 204800kB, failcnt 4563",
      "memory+swap: usage 204800kB, limit 9007199254740991kB, failcnt 0",
      "kmem: usage 0kB, limit 9007199254740991kB, failcnt 0",
      "Memory cgroup stats for /docker/" + kId + ": cache:108KB rss:197168KB rss_huge:0KB",
      "[ pid ]   uid  tgid total_vm      rss nr_ptes nr_pmds swapents oom_score_adj name",
      "[12870]     0 12870     1866       11       9       3        0             0 sh",
      "[12901]     0 12900   600000    48000     200       4        0           300 java",
      "Memory cgroup out of memory: Kill process 12901 (java) score 854 or sacrifice child",
      "Killed process 12901 (java) total-vm:2400000kB, anon-rss:190000kB, file-rss:1232kB",
  };
  auto found = read(lines);
  REQUIRE(found.size() == 1);
  CHECK(found[0].oom->scope == Scope::memcg);
  CHECK(found[0].oom->limited == "/docker/" + kId);
  CHECK(found[0].oom->limit == 204800u * 1024);
  CHECK(found[0].oom->score_adjustment == 300);
  CHECK(found[0].subject.container == kId);
  // The table says which group the thread is in.
  CHECK(found[0].subject.pid == 12900);
  CHECK(found[0].subject.tid == 12901);

  lines[11] = "Killed process 12870 (sh) total-vm:7464kB, anon-rss:44kB, file-rss:0kB";
  found = read(lines);
  REQUIRE(found.size() == 1);
  CHECK(found[0].subject.pid == 12870);
  CHECK(found[0].subject.comm == "sh");
  CHECK(found[0].subject.container == kId);  // a limit's victim is below it
  CHECK(found[0].subject.cgroup.empty());    // the line was about its parent
  CHECK(found[0].oom->limited == "/docker/" + kId);
}

TEST_CASE("kernel oom: 3.10 names the chosen thread, then its process", "[autopsy][kernel]") {
  auto scope = "/system.slice/docker-" + kId + ".scope";
  auto found = read({
      "java invoked oom-killer: gfp_mask=0xd0, order=0, oom_score_adj=0",
      "Task in " + scope + " killed as a result of limit of " + scope,
      "memory: usage 524288kB, limit 524288kB, failcnt 2318",
      "Memory cgroup stats for " + scope + ": cache:48KB rss:524240KB rss_huge:237568KB",
      "[ pid ]   uid  tgid total_vm      rss nr_ptes swapents oom_score_adj name",
      "[23388]     0 23388   713551   131073     312        0             0 java",
      "Memory cgroup out of memory: Kill process 23411 (java) score 1003 or sacrifice child",
      "Killed process 23388 (java), UID 0, total-vm:2854204kB, anon-rss:510080kB, file-rss:14212kB, shmem-rss:0kB",
  });
  REQUIRE(found.size() == 1);
  CHECK(found[0].subject.pid == 23388);
  CHECK(found[0].subject.container == kId);
  CHECK(found[0].oom->limited == scope);
}

TEST_CASE("kernel oom: EL6 and EL7 forms", "[autopsy][kernel]") {
  auto found =
      read({"Out of memory: Kill process 215701 (java) score 854 or sacrifice child",
            "Killed process 215701, UID 679, (java) total-vm:11017300kB, anon-rss:7152432kB, file-rss:1232kB"});
  REQUIRE(found.size() == 1);
  CHECK(found[0].subject.uid == 679);
  CHECK(found[0].oom->scope == Scope::machine);
  CHECK(found[0].oom->resident == (7152432u + 1232u) * std::uint64_t{1024});
  found = read({"No available memory in cpuset: Kill process 8 (b) score 1 or sacrifice child",
                "Killed process 8 (b), UID 1001, total-vm:8kB, anon-rss:4kB, file-rss:0kB, shmem-rss:0kB"});
  REQUIRE(found.size() == 1);
  CHECK(found[0].subject.uid == 1001);
  CHECK(found[0].oom->scope == Scope::cpuset);
  // Without any line of the cause.
  found = read({"Killed process 8 (b) total-vm:8kB, anon-rss:4kB, file-rss:0kB, shmem-rss:0kB"});
  REQUIRE(found.size() == 1);
  CHECK(found[0].oom->scope == Scope::unknown);
  CHECK(read({"Out of memory: Kill process 8 (b) score 1 or sacrifice child"}).empty());
}

TEST_CASE("kernel oom: memory.oom.group ends all of a cgroup, 6.8", "[autopsy][kernel]") {
  std::vector<std::string> lines{
      "w invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0",
      "memory: usage 1024kB, limit 1024kB, failcnt 1",
      "[  pid  ]   uid  tgid total_vm      rss rss_anon rss_file rss_shmem pgtables_bytes swapents oom_score_adj name",
      "[     50]     0    50      500      300      200       90       10    40960        0             0 w 1",
      "[     51]     0    51      500      200      200        0        0    40960        0             0 w",
      "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/system.slice/w.service,"
      "task_memcg=/system.slice/w.service,task=w 1,pid=50,uid=0",
      "Memory cgroup out of memory: Killed process 50 (w 1) total-vm:2000kB, anon-rss:800kB, file-rss:360kB, "
      "shmem-rss:40kB, "
      "UID:0 pgtables:40kB oom_score_adj:0",
      "usb 1-1: new device",
      "Tasks in /system.slice/w.service are going to be killed due to memory.oom.group set",
      "Memory cgroup out of memory: Killed process 51 (w) total-vm:2000kB, anon-rss:800kB, file-rss:0kB, "
      "shmem-rss:0kB, UID:0 "
      "pgtables:40kB oom_score_adj:-5",
  };
  auto found = read(lines);
  REQUIRE(found.size() == 2);
  CHECK(found[0].oom->whole_group);
  CHECK(found[0].oom->largest[0].comm == "w 1");
  CHECK(found[1].oom->whole_group);
  CHECK(found[1].subject.pid == 51);
  CHECK(found[1].subject.unit == "w.service");
  CHECK(found[1].oom->limited == "/system.slice/w.service");
  CHECK(found[1].oom->limit == 1024u * 1024);
  CHECK(found[1].oom->resident == 800u * 1024);
  CHECK(found[1].oom->score_adjustment == -5);
  // A kill much later is no member.
  lines.erase(lines.begin() + 9);
  lines.insert(lines.end(), 3000, "eth0: link is up");
  lines.push_back(
      "Memory cgroup out of memory: Killed process 99 (z) total-vm:2000kB, anon-rss:800kB, file-rss:0kB, "
      "shmem-rss:0kB, "
      "UID:0 pgtables:40kB oom_score_adj:0");
  found = read(lines);
  REQUIRE(found.size() == 2);
  CHECK_FALSE(found[1].oom->whole_group);
  CHECK(found[1].oom->limited.empty());
}

TEST_CASE("kernel oom: a report does not pass to the next victim", "[autopsy][kernel]") {
  auto lines = modern();
  lines.push_back(
      "Memory cgroup out of memory: Killed process 7000 (other) total-vm:80kB, anon-rss:50kB, file-rss:0kB, "
      "shmem-rss:0kB, UID:0 pgtables:1kB oom_score_adj:0");
  auto found = read(lines);
  REQUIRE(found.size() == 2);
  CHECK(found[1].oom->limit == 0);
  CHECK(found[1].oom->asking.empty());
  CHECK(found[1].subject.cgroup.empty());
  // Nor to one that the summary does not name.
  lines = modern();
  lines.pop_back();  // the reaper's
  lines[14].replace(lines[14].find("4242"), 4, "4250");
  found = read(lines);
  REQUIRE(found.size() == 1);
  CHECK(found[0].subject.pid == 4250);
  CHECK(found[0].oom->limited.empty());
  CHECK(found[0].oom->scope == Scope::memcg);
}

TEST_CASE("kernel oom: two reports mixed say only what is sure", "[autopsy][kernel]") {
  auto found = read({
      "a invoked oom-killer: gfp_mask=0xd0, order=0, oom_score_adj=0",
      "b invoked oom-killer: gfp_mask=0xd0, order=0, oom_score_adj=0",
      "Task in /a killed as a result of limit of /a",
      "memory: usage 100kB, limit 100kB, failcnt 1",
      "Memory cgroup out of memory: Kill process 8 (b) score 1 or sacrifice child",
      "Killed process 8 (b) total-vm:8kB, anon-rss:4kB, file-rss:0kB",
  });
  REQUIRE(found.size() == 1);
  CHECK(found[0].oom->scope == Scope::memcg);
  CHECK(found[0].oom->limit == 0);
  CHECK(found[0].oom->limited.empty());
  CHECK(found[0].subject.cgroup.empty());
}

TEST_CASE("kernel oom: hostile names", "[autopsy][kernel]") {
  auto killed = [](const std::string& comm) {
    return "Memory cgroup out of memory: Killed process 7 (" + comm +
           ") total-vm:80kB, anon-rss:48kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:1kB oom_score_adj:0";
  };
  auto summary = [](const std::string& middle, const std::string& comm) {
    return "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0" + middle + ",task=" + comm +
           ",pid=7,uid=33";
  };
  const std::string header = "x invoked oom-killer: gfp_mask=0x1, order=0, oom_score_adj=0";
  for (std::string comm : {") total-vm:9kB,", "a (b) c", ",pid=1,uid=0", "", "\xff\xfe\x1b[2J"}) {
    INFO(comm);
    auto found = read({header, summary(",oom_memcg=/a,task_memcg=/a/b", comm), killed(comm)});
    REQUIRE(found.size() == 1);
    CHECK(found[0].subject.pid == 7);
    CHECK(found[0].subject.comm == comm);
    CHECK(found[0].oom->resident == 48u * 1024);
    CHECK(found[0].oom->of_task == "/a/b");
  }
  // Ambiguous: no path at all.
  auto paths = [&](const std::string& middle, const std::string& comm) {
    auto found = read({header, summary(middle, comm), killed(comm)});
    return found[0].oom->limited + "|" + found[0].oom->of_task;
  };
  CHECK(paths(",oom_memcg=/a,task_memcg=/a", "x,task=y") == "|");
  CHECK(paths(",oom_memcg=/a,task_memcg=/a/c,task_memcg=/a/d", "x") == "|");
  CHECK(paths(",oom_memcg=/b,mems_allowed=0,oom_memcg=/a,task_memcg=/a", "x") == "|");
  CHECK(paths(",oom_memcg=/a,task_memcg=/b", "x") == "|");
  CHECK(paths(",oom_memcg=/a,task_memcg=/a", "x") == "/a|/a");
  // A name with a line's end: the rest is another line.
  auto found = read({"Memory cgroup out of memory: Killed process 7 (evil", "x) total-vm:80kB, anon-rss:48kB"});
  REQUIRE(found.size() == 1);
  CHECK(found[0].subject.pid == 7);
  CHECK(found[0].subject.comm.empty());
  CHECK(found[0].oom->resident == 0);
}

TEST_CASE("kernel oom: pages of 64 KiB, by the victim's own row", "[autopsy][kernel]") {
  auto found = read({
      "x invoked oom-killer: gfp_mask=0x1, order=0, oom_score_adj=0",
      "[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name",
      "[      7]     0     7     1000      500    65536        0             0 x",
      "[      8]     0     8     1000       99999999999999999999    65536        0             0 y",
      "[      9]     0     9     1000",
      "Out of memory: Killed process 7 (x) total-vm:64000kB, anon-rss:32000kB, file-rss:0kB, shmem-rss:0kB, UID:0 "
      "pgtables:1kB "
      "oom_score_adj:0",
  });
  REQUIRE(found.size() == 1);
  REQUIRE(found[0].oom->largest.size() == 1);
  CHECK(found[0].oom->largest[0].resident == 500u * 65536);
}

TEST_CASE("kernel oom: those that share the memory, 3.10; one that ends already, 5.10", "[autopsy][kernel]") {
  auto found =
      read({"Out of memory: Kill process 5 (a) score 9 or sacrifice child",
            "Killed process 5 (a) total-vm:8kB, anon-rss:4kB, file-rss:0kB", "Kill process 6 (b) sharing same memory"});
  REQUIRE(found.size() == 2);
  CHECK(found[1].subject.pid == 6);
  CHECK(read({"Out of memory: OOM victim 5 (a) is already exiting. Skip killing the task"}).empty());
}
