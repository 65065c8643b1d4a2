#include "verdict/lineage.h"

#include "catch.h"
#include "events.h"

using namespace stapkill;
using events::task;
using namespace std::string_view_literals;

namespace {

using Words = std::vector<std::string>;
constexpr Time kSecond = 1'000'000'000;

Process make_process(int pid, std::uint64_t start, std::string comm, Words argv) {
  Process process;
  process.pid = pid;
  process.start = start;
  process.comm = std::move(comm);
  process.argv = std::move(argv);
  return process;
}

std::vector<int> pids(const Ancestry& ancestry) {
  std::vector<int> all;
  for (const auto& process : *ancestry) all.push_back(process->pid);
  return all;
}

const auto kInit = task(1, 1, "init", 0);
const auto kShell = task(100, 10, "sh");
const auto kChild = task(200, 20, "sh");

/// init forked sh, which runs a script; sh forked a child.
void grow(Lineage& lineage) {
  lineage.seed(make_process(1, 1, "init", {"/sbin/init"}), 0);
  lineage.apply(events::fork(kInit, kShell), 1);
  lineage.apply(events::exec(kShell, 1, "/bin/sh", "sh\0/opt/run.sh\0"sv), 2);
  lineage.apply(events::fork(kShell, kChild), 3);
}

}  // namespace

TEST_CASE("lineage: a fork that never execs has its parent's image", "[lineage]") {
  Lineage lineage;
  grow(lineage);
  auto child = lineage.find(kChild);
  CHECK(child->pid == 200);
  CHECK(child->start == 20);
  CHECK(child->comm == "sh");
  CHECK(child->uid == 1000);
  CHECK(child->exe == "/bin/sh");
  CHECK(child->argv == Words{"sh", "/opt/run.sh"});
  CHECK(child->argv_bytes == 15);
}

TEST_CASE("lineage: an exec replaces what was inherited", "[lineage]") {
  Lineage lineage;
  grow(lineage);
  auto before = lineage.find(kChild);
  lineage.apply(events::exec(task(200, 20, "kill", 0), 100, "/bin/kill", "kill\0-9\0\0"sv), 4);
  auto after = lineage.find(kChild);
  CHECK(after->comm == "kill");
  CHECK(after->uid == 0);
  CHECK(after->exe == "/bin/kill");
  CHECK(after->argv == Words{"kill", "-9", ""});
  // What was handed out does not change: records tell what was at their time.
  CHECK(before->comm == "sh");
  CHECK(before->argv == Words{"sh", "/opt/run.sh"});
  CHECK(lineage.find(kShell)->argv == Words{"sh", "/opt/run.sh"});
}

TEST_CASE("lineage: an exec whose argv could not be read has none, not the old one", "[lineage]") {
  Lineage lineage;
  grow(lineage);
  auto exec = events::exec(task(200, 20, "kill"), 100, "/bin/kill", "");
  exec.argv.reset();
  lineage.apply(exec, 4);
  CHECK_FALSE(lineage.find(kChild)->argv.has_value());
}

TEST_CASE("lineage: an argv without a NUL at its end keeps its last word", "[lineage]") {
  Lineage lineage;
  lineage.apply(events::exec(kShell, 1, "/bin/x", "x\0cut of"sv), 1);
  CHECK(lineage.find(kShell)->argv == Words{"x", "cut of"});
}

TEST_CASE("lineage: an ended ancestor is still named with its argv", "[lineage]") {
  Lineage lineage;
  grow(lineage);
  lineage.apply(events::exit(kShell, 0), 5);
  auto ancestry = lineage.ancestry(kChild, "1.1");
  REQUIRE(pids(ancestry) == std::vector<int>{100, 1});
  CHECK(ancestry->front()->ended);
  CHECK(ancestry->front()->comm == "sh");
  CHECK(ancestry->front()->argv == Words{"sh", "/opt/run.sh"});
  CHECK_FALSE(ancestry->back()->ended);
}

TEST_CASE("lineage: an ended ancestor with living descendants is kept for as long as they live", "[lineage]") {
  Lineage lineage;
  grow(lineage);
  lineage.apply(events::exit(kShell, 0), 5);
  for (int i = 1; i < 200; ++i) lineage.apply(events::rename(task(1, 1, "init")), i * kSecond);
  auto ancestry = lineage.ancestry(kChild, {});
  REQUIRE(pids(ancestry) == std::vector<int>{100, 1});
  CHECK(ancestry->front()->argv == Words{"sh", "/opt/run.sh"});
}

TEST_CASE("lineage: an ended process without descendants is dropped after a while", "[lineage]") {
  Lineage lineage;
  grow(lineage);
  auto size = lineage.size();
  lineage.apply(events::exit(kChild, 0), 5);
  CHECK(lineage.size() == size);
  lineage.apply(events::rename(task(1, 1, "init")), 5 + Lineage::kKeepEnded - 1);
  CHECK(lineage.size() == size);
  lineage.apply(events::rename(task(1, 1, "init")), 5 + Lineage::kKeepEnded);
  CHECK(lineage.size() == size - 1);
}

TEST_CASE("lineage: one whose pid /proc shows with another is kept until its end is reported", "[lineage]") {
  constexpr Time kNow = 1000 * kSecond;
  Lineage lineage;
  lineage.seed(make_process(200, 20, "first", {"first"}), 1);
  lineage.seed(make_process(200, 30, "second", {"second"}), 1);
  auto first = task(200, 20, "first");
  lineage.apply(events::exit(first, 9), kNow);
  CHECK(lineage.find(first)->argv == Words{"first"});
  lineage.apply(events::rename(task(1, 1, "init")), kNow + Lineage::kKeepEnded - 1);
  CHECK(lineage.find(first)->argv == Words{"first"});
  lineage.apply(events::rename(task(1, 1, "init")), kNow + Lineage::kKeepEnded);
  CHECK_FALSE(lineage.find(first)->argv);
}

TEST_CASE("lineage: the chain does not know when it was asked before", "[lineage]") {
  // Answers are remembered: an event in between must show.
  Lineage lineage;
  grow(lineage);
  CHECK_FALSE(lineage.ancestry(kChild, {})->front()->ended);
  lineage.apply(events::rename(task(100, 10, "renamed")), 4);
  CHECK(lineage.ancestry(kChild, {})->front()->comm == "renamed");
  lineage.apply(events::exit(task(100, 10, "renamed"), 0), 5);
  CHECK(lineage.ancestry(kChild, {})->front()->ended);
  CHECK(pids(lineage.ancestry(task(264, 1, "other"), "77.7")) == std::vector<int>{77});  // shares a place with 200
  CHECK(pids(lineage.ancestry(kChild, {})) == std::vector<int>{100, 1});
}

TEST_CASE("lineage: what /proc tells is kept by what a backend reported", "[lineage]") {
  Lineage lineage;
  grow(lineage);
  lineage.seed(make_process(100, 10, "overwritten", {"overwritten"}), 1);
  CHECK(lineage.find(kShell)->comm == "sh");
  CHECK(lineage.find(kShell)->argv == Words{"sh", "/opt/run.sh"});
}

TEST_CASE("lineage: a later description does not replace the argv of an exec", "[lineage]") {
  Lineage lineage;
  grow(lineage);
  lineage.apply(events::describe(kShell, 1, "/bin/sh", "sh: i have overwritten it\0"sv), 9);
  CHECK(lineage.find(kShell)->argv == Words{"sh", "/opt/run.sh"});
  // Nor that which a fork has from its parent.
  lineage.apply(events::describe(kChild, 100, "/bin/sh", "worker 3\0"sv), 10);
  CHECK(lineage.find(kChild)->argv == Words{"sh", "/opt/run.sh"});
}

TEST_CASE("lineage: a description tells of a process that is not known yet", "[lineage]") {
  Lineage lineage;
  lineage.seed(make_process(1, 1, "init", {"/sbin/init"}), 0);
  lineage.apply(events::describe(kShell, 1, "/bin/sh", "sh\0-x\0"sv), 1);
  auto shell = lineage.find(kShell);
  CHECK(shell->comm == "sh");
  CHECK(shell->exe == "/bin/sh");
  CHECK(shell->argv == Words{"sh", "-x"});
  CHECK(pids(lineage.ancestry(kShell, {})) == std::vector<int>{1});
}

TEST_CASE("lineage: a description that could read nothing leaves what is known", "[lineage]") {
  Lineage lineage;
  grow(lineage);
  auto describe = events::describe(kShell, 1, "", "");
  describe.exe.reset();
  describe.cwd.reset();
  describe.cgroup.reset();
  describe.argv.reset();
  lineage.apply(describe, 4);
  CHECK(lineage.find(kShell)->exe == "/bin/sh");
  CHECK(lineage.find(kShell)->argv == Words{"sh", "/opt/run.sh"});
}

TEST_CASE("lineage: a path that could not be told is not the one of before", "[lineage]") {
  Lineage lineage;
  grow(lineage);
  auto moved = events::describe(kShell, 1, "/bin/sh", "sh\0"sv);
  moved.cwd = moved.cgroup = std::nullopt;
  lineage.apply(moved, 4);
  CHECK(lineage.find(kShell)->exe == "/bin/sh");
  CHECK_FALSE(lineage.find(kShell)->cwd);
  CHECK_FALSE(lineage.find(kShell)->cgroup);
  auto execed = events::exec(kChild, 100, "", "x\0"sv);
  execed.exe = execed.cwd = std::nullopt;
  lineage.apply(execed, 5);
  CHECK_FALSE(lineage.find(kChild)->exe);
  CHECK_FALSE(lineage.find(kChild)->cwd);
  CHECK(lineage.find(kChild)->cgroup == "/");
}

TEST_CASE("lineage: the same pid with another start is another process", "[lineage]") {
  Lineage lineage;
  grow(lineage);
  lineage.apply(events::exit(kShell, 0), 4);
  auto second = task(100, 99, "cat", 7);
  lineage.apply(events::fork(kInit, second), 5);
  CHECK(lineage.find(second)->comm == "cat");
  CHECK(lineage.find(second)->uid == 7);
  CHECK(lineage.find(kShell)->comm == "sh");
  CHECK(lineage.find(kShell)->uid == 1000);
  REQUIRE(lineage.living(100));
  CHECK(lineage.living(100)->start == 99);
  // The child is still that of the first.
  auto ancestry = lineage.ancestry(kChild, {});
  REQUIRE(pids(ancestry) == std::vector<int>{100, 1});
  CHECK(ancestry->front()->start == 10);
  CHECK(ancestry->front()->ended);
}

TEST_CASE("lineage: the end of the first does not end the second of that pid", "[lineage]") {
  // CPUs report out of order: the end of the old process can come behind the fork of the new one.
  Lineage lineage;
  grow(lineage);
  auto second = task(100, 99, "cat");
  lineage.apply(events::fork(kInit, second), 4);
  lineage.apply(events::exit(kShell, 0), 5);
  REQUIRE(lineage.living(100));
  CHECK(lineage.living(100)->start == 99);
}

TEST_CASE("lineage: late news of an unknown older process do not hide the one that has its pid now", "[lineage]") {
  Lineage lineage;
  auto second = task(100, 99, "cat");
  lineage.apply(events::fork(kInit, second), 4);
  lineage.apply(events::exit(task(100, 10, "sh"), 0), 5);
  REQUIRE(lineage.living(100));
  CHECK(lineage.living(100)->start == 99);
}

TEST_CASE("lineage: an exec that is reported before its fork is not undone by it", "[lineage]") {
  // The child can run on another CPU, whose records come first.
  Lineage lineage;
  grow(lineage);
  auto kill = task(300, 30, "kill");
  lineage.apply(events::exec(kill, 100, "/bin/kill", "kill\0-9\0"sv), 4);
  lineage.apply(events::fork(kShell, task(300, 30, "sh")), 5);
  CHECK(lineage.find(kill)->argv == Words{"kill", "-9"});
  CHECK(lineage.find(kill)->exe == "/bin/kill");
  CHECK(pids(lineage.ancestry(kill, {})) == std::vector<int>{100, 1});
}

TEST_CASE("lineage: living", "[lineage]") {
  Lineage lineage;
  CHECK_FALSE(lineage.living(100));
  grow(lineage);
  REQUIRE(lineage.living(100));
  CHECK(lineage.living(100)->comm == "sh");
  lineage.apply(events::exit(kShell, 0), 4);
  CHECK_FALSE(lineage.living(100));
  lineage.apply(events::exit(kShell, 0), 5);  // two threads were last at once
  CHECK_FALSE(lineage.living(100));
}

TEST_CASE("lineage: a rename changes the name only", "[lineage]") {
  Lineage lineage;
  grow(lineage);
  lineage.apply(events::rename(task(100, 10, "worker")), 4);
  auto shell = lineage.find(kShell);
  CHECK(shell->comm == "worker");
  CHECK(shell->uid == 1000);
  CHECK(shell->argv == Words{"sh", "/opt/run.sh"});
}

TEST_CASE("lineage: a signal tells the names and users of both", "[lineage]") {
  Lineage lineage;
  grow(lineage);
  KernelEvent signal;
  signal.kind = KernelEvent::Kind::signal;
  signal.task = task(100, 10, "sh", 0);  // it has called setuid(2)
  signal.other = task(500, 50, "stranger", 5);
  lineage.apply(signal, 4);
  CHECK(lineage.find(kShell)->uid == 0);
  CHECK(lineage.find(kShell)->argv == Words{"sh", "/opt/run.sh"});
  CHECK(lineage.find(task(500, 50, ""))->comm == "stranger");
  CHECK(lineage.find(task(500, 50, ""))->uid == 5);
}

TEST_CASE("lineage: who forked explains more than the parent that CLONE_PARENT gave", "[lineage]") {
  Lineage lineage;
  grow(lineage);
  auto sibling = task(300, 30, "sh");
  auto fork = events::fork(kShell, sibling);
  fork.parent = 1;
  lineage.apply(fork, 4);
  CHECK(pids(lineage.ancestry(sibling, "1.1")) == std::vector<int>{100, 1});
}

TEST_CASE("lineage: the kernel's list is used where nothing is known", "[lineage]") {
  Lineage lineage;
  auto ancestry = lineage.ancestry(task(700, 7, "x"), "600.6,500.5,1.1");
  CHECK(pids(ancestry) == std::vector<int>{600, 500, 1});
  CHECK(ancestry->at(0)->start == 6);
  CHECK(ancestry->at(1)->start == 5);
}

TEST_CASE("lineage: the kernel's list goes on where what is known breaks off", "[lineage]") {
  Lineage lineage;
  lineage.apply(events::fork(kShell, kChild), 1);
  lineage.apply(events::exec(kShell, 60, "/bin/sh", "sh\0"sv), 2);
  auto ancestry = lineage.ancestry(kChild, "100.10,60.6,1.1");
  CHECK(pids(ancestry) == std::vector<int>{100, 60, 1});
  CHECK(ancestry->front()->argv == Words{"sh"});
}

TEST_CASE("lineage: the kernel's list after reparenting does not hide who forked", "[lineage]") {
  Lineage lineage;
  lineage.apply(events::exec(kShell, 60, "/bin/sh", "sh\0"sv), 1);
  lineage.apply(events::fork(kShell, kChild), 2);
  lineage.apply(events::exit(kShell, 0), 3);
  auto ancestry = lineage.ancestry(kChild, "1.1");
  CHECK(pids(ancestry) == std::vector<int>{100, 1});
  CHECK(ancestry->front()->ended);
}

TEST_CASE("lineage: the kernel's list names a process that is known with what is known", "[lineage]") {
  Lineage lineage;
  grow(lineage);
  auto ancestry = lineage.ancestry(task(700, 70, "x"), "200.20,100.10,1.1");
  REQUIRE(pids(ancestry) == std::vector<int>{200, 100, 1});
  CHECK(ancestry->at(1)->argv == Words{"sh", "/opt/run.sh"});
  // One of the same pid and another start is not that process.
  auto other = lineage.ancestry(task(701, 70, "x"), "100.11,1.1");
  REQUIRE(pids(other) == std::vector<int>{100, 1});
  CHECK_FALSE(other->front()->argv.has_value());
}

TEST_CASE("lineage: a damaged list does no harm", "[lineage]") {
  Lineage lineage;
  grow(lineage);
  for (auto told : {","sv, ",,,"sv, "a"sv, "1"sv, "1."sv, ".1"sv, "-5.3"sv, "99999999999999.1"sv,
                    "1.99999999999999999999999"sv, "1.1,,2.2"sv, "\xff\0.1"sv}) {
    INFO(told);
    for (const auto& process : *lineage.ancestry(task(700, 7, "x"), told)) CHECK(process->pid > 0);
  }
}

TEST_CASE("lineage: /proc's entries give ancestors in whatever order they are read", "[lineage]") {
  Lineage lineage;
  for (int pass = 0; pass < 2; ++pass) {
    lineage.seed(make_process(300, 30, "c", {"c"}), 200);
    lineage.seed(make_process(200, 20, "b", {"b"}), 1);
    lineage.seed(make_process(1, 1, "init", {"init"}), 0);
  }
  CHECK(lineage.size() == 3);
  CHECK(pids(lineage.ancestry(task(300, 30, "c"), {})) == std::vector<int>{200, 1});
  CHECK(pids(lineage.ancestry(lineage.living(200))) == std::vector<int>{1});
  CHECK(lineage.ancestry(lineage.living(1))->empty());
}

TEST_CASE("lineage: a process that is its own parent ends the chain", "[lineage]") {
  Lineage lineage;
  lineage.apply(events::fork(kShell, kShell), 1);
  CHECK(lineage.ancestry(kShell, {})->size() <= 64);
}

TEST_CASE("lineage: a million processes that come and go keep it bounded", "[lineage]") {
  Lineage lineage;
  lineage.seed(make_process(1, 1, "init", {"/sbin/init"}), 0);
  std::size_t most = 0;
  for (int i = 0; i < 1'000'000; ++i) {
    auto child = task(2 + i % 32000, static_cast<std::uint64_t>(2 + i / 100), "x");
    lineage.apply(events::fork(kInit, child), i);
    lineage.apply(events::exit(child, 0), i);
    most = std::max(most, lineage.size());
  }
  CHECK(most <= Lineage::kMostEnded + 8);
  CHECK(lineage.find(kInit)->comm == "init");
}

TEST_CASE("lineage: 100000 daemonising generations keep it bounded", "[lineage]") {
  // Each forks and ends: every one of them is an ancestor of the one that lives.
  Lineage lineage;
  lineage.seed(make_process(1, 1, "init", {"/sbin/init"}), 0);
  auto parent = kInit;
  std::size_t most = 0;
  for (int i = 0; i < 100'000; ++i) {
    auto child = task(2 + i % 32000, static_cast<std::uint64_t>(2 + i), "d");
    lineage.apply(events::fork(parent, child), i * kSecond / 1000);
    if (i) lineage.apply(events::exit(parent, 0), i * kSecond / 1000);
    parent = child;
    most = std::max(most, lineage.size());
  }
  CHECK(most <= Lineage::kMostEnded + 8);
  auto ancestry = lineage.ancestry(parent, {});
  REQUIRE_FALSE(ancestry->empty());
  CHECK(ancestry->size() <= 64);
  CHECK(ancestry->front()->ended);
}

TEST_CASE("lineage: ends that were lost do not let it grow", "[lineage]") {
  // A pid that is given out again proves that its last owner has ended, whether that was reported or not.
  Lineage lineage;
  lineage.seed(make_process(1, 1, "init", {"/sbin/init"}), 0);
  std::size_t most = 0;
  for (int i = 0; i < 100'000; ++i) {
    lineage.apply(events::fork(kInit, task(2 + i % 1000, static_cast<std::uint64_t>(2 + i), "x")), i);
    most = std::max(most, lineage.size());
  }
  CHECK(most <= Lineage::kMostEnded + 1000 + 8);
}

TEST_CASE("lineage: who had a pid at a moment, also when that one has ended since", "[lineage]") {
  Lineage lineage;
  grow(lineage);
  lineage.apply(events::exit(kShell, 0), 50);
  CHECK_FALSE(lineage.living(kShell.pid));
  CHECK_FALSE(lineage.living(kShell.pid, 51));
  REQUIRE(lineage.living(kShell.pid, 50));
  CHECK(lineage.living(kShell.pid, 50)->start == kShell.start);
  CHECK_FALSE(lineage.living(12345, 0));
}
