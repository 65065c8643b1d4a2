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
  lineage.apply(events::at(1, events::fork(kInit, kShell)));
  lineage.apply(events::at(2, events::exec(kShell, 1, "/bin/sh", "sh\0/opt/run.sh\0"sv)));
  lineage.apply(events::at(3, events::fork(kShell, kChild)));
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
  lineage.apply(events::at(4, events::exec(task(200, 20, "kill", 0), 100, "/bin/kill", "kill\0-9\0\0"sv)));
  auto after = lineage.find(kChild);
  CHECK(after->comm == "kill");
  CHECK(after->uid == 0);
  CHECK(after->exe == "/bin/kill");
  CHECK(after->argv == Words{"kill", "-9", ""});
  // A returned process does not change: records hold what was at their time.
  CHECK(before->comm == "sh");
  CHECK(before->argv == Words{"sh", "/opt/run.sh"});
  CHECK(lineage.find(kShell)->argv == Words{"sh", "/opt/run.sh"});
}

TEST_CASE("lineage: an exec whose argv could not be read has none, not the old one", "[lineage]") {
  Lineage lineage;
  grow(lineage);
  auto exec = events::exec(task(200, 20, "kill"), 100, "/bin/kill", "");
  events::image_of(exec).argv.reset();
  lineage.apply(events::at(4, exec));
  CHECK_FALSE(lineage.find(kChild)->argv.has_value());
}

TEST_CASE("lineage: an argv without a NUL at its end keeps its last word", "[lineage]") {
  Lineage lineage;
  lineage.apply(events::at(1, events::exec(kShell, 1, "/bin/x", "x\0cut of"sv)));
  CHECK(lineage.find(kShell)->argv == Words{"x", "cut of"});
}

TEST_CASE("lineage: an ended ancestor is still named with its argv", "[lineage]") {
  Lineage lineage;
  grow(lineage);
  lineage.apply(events::at(5, events::exit(kShell, 0)));
  auto ancestry = lineage.ancestry(kChild, std::vector<ProcessKey>{{1, 1}});
  REQUIRE(pids(ancestry) == std::vector<int>{100, 1});
  CHECK(ancestry->front()->ended);
  CHECK(ancestry->front()->comm == "sh");
  CHECK(ancestry->front()->argv == Words{"sh", "/opt/run.sh"});
  CHECK_FALSE(ancestry->back()->ended);
}

TEST_CASE("lineage: an ended ancestor with living descendants is kept for as long as they live", "[lineage]") {
  Lineage lineage;
  grow(lineage);
  lineage.apply(events::at(5, events::exit(kShell, 0)));
  for (int i = 1; i < 200; ++i) lineage.apply(events::at(i * kSecond, events::rename(task(1, 1, "init"))));
  auto ancestry = lineage.ancestry(kChild, {});
  REQUIRE(pids(ancestry) == std::vector<int>{100, 1});
  CHECK(ancestry->front()->argv == Words{"sh", "/opt/run.sh"});
}

TEST_CASE("lineage: an ended process without descendants is dropped after a while", "[lineage]") {
  Lineage lineage;
  grow(lineage);
  auto size = lineage.size();
  lineage.apply(events::at(5, events::exit(kChild, 0)));
  CHECK(lineage.size() == size);
  lineage.apply(events::at(5 + Lineage::kKeepEnded - 1, events::rename(task(1, 1, "init"))));
  CHECK(lineage.size() == size);
  lineage.apply(events::at(5 + Lineage::kKeepEnded, events::rename(task(1, 1, "init"))));
  CHECK(lineage.size() == size - 1);
}

TEST_CASE("lineage: one whose pid /proc shows with another is kept until its end is reported", "[lineage]") {
  constexpr Time kNow = 1000 * kSecond;
  Lineage lineage;
  lineage.seed(make_process(200, 20, "first", {"first"}), 1);
  lineage.seed(make_process(200, 30, "second", {"second"}), 1);
  auto first = task(200, 20, "first");
  lineage.apply(events::at(kNow, events::exit(first, 9)));
  CHECK(lineage.find(first)->argv == Words{"first"});
  lineage.apply(events::at(kNow + Lineage::kKeepEnded - 1, events::rename(task(1, 1, "init"))));
  CHECK(lineage.find(first)->argv == Words{"first"});
  lineage.apply(events::at(kNow + Lineage::kKeepEnded, events::rename(task(1, 1, "init"))));
  CHECK_FALSE(lineage.find(first)->argv);
}

TEST_CASE("lineage: the chain does not know when it was asked before", "[lineage]") {
  // Answers are remembered: an event in between must show.
  Lineage lineage;
  grow(lineage);
  CHECK_FALSE(lineage.ancestry(kChild, {})->front()->ended);
  lineage.apply(events::at(4, events::rename(task(100, 10, "renamed"))));
  CHECK(lineage.ancestry(kChild, {})->front()->comm == "renamed");
  lineage.apply(events::at(5, events::exit(task(100, 10, "renamed"), 0)));
  CHECK(lineage.ancestry(kChild, {})->front()->ended);
  CHECK(pids(lineage.ancestry(task(264, 1, "other"), std::vector<ProcessKey>{{77, 7}})) ==
        std::vector<int>{77});  // shares a place with 200
  CHECK(pids(lineage.ancestry(kChild, {})) == std::vector<int>{100, 1});
}

TEST_CASE("lineage: a backend's report keeps what /proc has shown", "[lineage]") {
  Lineage lineage;
  grow(lineage);
  lineage.seed(make_process(100, 10, "overwritten", {"overwritten"}), 1);
  CHECK(lineage.find(kShell)->comm == "sh");
  CHECK(lineage.find(kShell)->argv == Words{"sh", "/opt/run.sh"});
}

TEST_CASE("lineage: a later description does not replace the argv of an exec", "[lineage]") {
  Lineage lineage;
  grow(lineage);
  lineage.apply(events::at(9, events::describe(kShell, 1, "/bin/sh", "sh: i have overwritten it\0"sv)));
  CHECK(lineage.find(kShell)->argv == Words{"sh", "/opt/run.sh"});
  // Nor that which a fork has from its parent.
  lineage.apply(events::at(10, events::describe(kChild, 100, "/bin/sh", "worker 3\0"sv)));
  CHECK(lineage.find(kChild)->argv == Words{"sh", "/opt/run.sh"});
}

TEST_CASE("lineage: a description adds a process that is not known yet", "[lineage]") {
  Lineage lineage;
  lineage.seed(make_process(1, 1, "init", {"/sbin/init"}), 0);
  lineage.apply(events::at(1, events::describe(kShell, 1, "/bin/sh", "sh\0-x\0"sv)));
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
  events::image_of(describe).exe.reset();
  events::image_of(describe).cwd.reset();
  events::image_of(describe).cgroup.reset();
  events::image_of(describe).argv.reset();
  lineage.apply(events::at(4, describe));
  CHECK(lineage.find(kShell)->exe == "/bin/sh");
  CHECK(lineage.find(kShell)->argv == Words{"sh", "/opt/run.sh"});
}

TEST_CASE("lineage: a path that could not be read is not the one of before", "[lineage]") {
  Lineage lineage;
  grow(lineage);
  auto moved = events::describe(kShell, 1, "/bin/sh", "sh\0"sv);
  events::image_of(moved).cwd = events::image_of(moved).cgroup = std::nullopt;
  lineage.apply(events::at(4, moved));
  CHECK(lineage.find(kShell)->exe == "/bin/sh");
  CHECK_FALSE(lineage.find(kShell)->cwd);
  CHECK_FALSE(lineage.find(kShell)->cgroup);
  auto execed = events::exec(kChild, 100, "", "x\0"sv);
  events::image_of(execed).exe = events::image_of(execed).cwd = std::nullopt;
  lineage.apply(events::at(5, execed));
  CHECK_FALSE(lineage.find(kChild)->exe);
  CHECK_FALSE(lineage.find(kChild)->cwd);
  CHECK(lineage.find(kChild)->cgroup == "/");
}

TEST_CASE("lineage: the same pid with another start is another process", "[lineage]") {
  Lineage lineage;
  grow(lineage);
  lineage.apply(events::at(4, events::exit(kShell, 0)));
  auto second = task(100, 99, "cat", 7);
  lineage.apply(events::at(5, events::fork(kInit, second)));
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
  // CPUs report out of order: the end of the old process can come after the fork of the new one.
  Lineage lineage;
  grow(lineage);
  auto second = task(100, 99, "cat");
  lineage.apply(events::at(4, events::fork(kInit, second)));
  lineage.apply(events::at(5, events::exit(kShell, 0)));
  REQUIRE(lineage.living(100));
  CHECK(lineage.living(100)->start == 99);
}

TEST_CASE("lineage: late news of an unknown older process do not hide the one that has its pid now", "[lineage]") {
  Lineage lineage;
  auto second = task(100, 99, "cat");
  lineage.apply(events::at(4, events::fork(kInit, second)));
  lineage.apply(events::at(5, events::exit(task(100, 10, "sh"), 0)));
  REQUIRE(lineage.living(100));
  CHECK(lineage.living(100)->start == 99);
}

TEST_CASE("lineage: an exec that is reported before its fork is not undone by it", "[lineage]") {
  // The child can run on another CPU, whose records come first.
  Lineage lineage;
  grow(lineage);
  auto kill = task(300, 30, "kill");
  lineage.apply(events::at(4, events::exec(kill, 100, "/bin/kill", "kill\0-9\0"sv)));
  lineage.apply(events::at(5, events::fork(kShell, task(300, 30, "sh"))));
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
  lineage.apply(events::at(4, events::exit(kShell, 0)));
  CHECK_FALSE(lineage.living(100));
  lineage.apply(events::at(5, events::exit(kShell, 0)));  // two threads were last at once
  CHECK_FALSE(lineage.living(100));
}

TEST_CASE("lineage: a rename changes the name only", "[lineage]") {
  Lineage lineage;
  grow(lineage);
  lineage.apply(events::at(4, events::rename(task(100, 10, "worker"))));
  auto shell = lineage.find(kShell);
  CHECK(shell->comm == "worker");
  CHECK(shell->uid == 1000);
  CHECK(shell->argv == Words{"sh", "/opt/run.sh"});
}

TEST_CASE("lineage: a signal has the names and users of both", "[lineage]") {
  Lineage lineage;
  grow(lineage);
  kernel::Signal signal;
  signal.task = task(100, 10, "sh", 0);  // it has called setuid(2)
  signal.target = task(500, 50, "stranger", 5);
  lineage.apply(events::at(4, events::event(signal)));
  CHECK(lineage.find(kShell)->uid == 0);
  CHECK(lineage.find(kShell)->argv == Words{"sh", "/opt/run.sh"});
  CHECK(lineage.find(task(500, 50, ""))->comm == "stranger");
  CHECK(lineage.find(task(500, 50, ""))->uid == 5);
}

TEST_CASE("lineage: the process that forked explains more than the parent by CLONE_PARENT", "[lineage]") {
  Lineage lineage;
  grow(lineage);
  auto sibling = task(300, 30, "sh");
  auto fork = events::fork(kShell, sibling);
  std::get<kernel::Fork>(fork.what).parent = 1;
  lineage.apply(events::at(4, fork));
  CHECK(pids(lineage.ancestry(sibling, std::vector<ProcessKey>{{1, 1}})) == std::vector<int>{100, 1});
}

TEST_CASE("lineage: the kernel's list is used where nothing is known", "[lineage]") {
  Lineage lineage;
  auto ancestry = lineage.ancestry(task(700, 7, "x"), std::vector<ProcessKey>{{600, 6}, {500, 5}, {1, 1}});
  CHECK(pids(ancestry) == std::vector<int>{600, 500, 1});
  CHECK(ancestry->at(0)->start == 6);
  CHECK(ancestry->at(1)->start == 5);
}

TEST_CASE("lineage: the kernel's list goes on where what is known breaks off", "[lineage]") {
  Lineage lineage;
  lineage.apply(events::at(1, events::fork(kShell, kChild)));
  lineage.apply(events::at(2, events::exec(kShell, 60, "/bin/sh", "sh\0"sv)));
  auto ancestry = lineage.ancestry(kChild, std::vector<ProcessKey>{{100, 10}, {60, 6}, {1, 1}});
  CHECK(pids(ancestry) == std::vector<int>{100, 60, 1});
  CHECK(ancestry->front()->argv == Words{"sh"});
}

TEST_CASE("lineage: the kernel's list after reparenting does not hide who forked", "[lineage]") {
  Lineage lineage;
  lineage.apply(events::at(1, events::exec(kShell, 60, "/bin/sh", "sh\0"sv)));
  lineage.apply(events::at(2, events::fork(kShell, kChild)));
  lineage.apply(events::at(3, events::exit(kShell, 0)));
  auto ancestry = lineage.ancestry(kChild, std::vector<ProcessKey>{{1, 1}});
  CHECK(pids(ancestry) == std::vector<int>{100, 1});
  CHECK(ancestry->front()->ended);
}

TEST_CASE("lineage: the kernel's list names a process that is known with what is known", "[lineage]") {
  Lineage lineage;
  grow(lineage);
  auto ancestry = lineage.ancestry(task(700, 70, "x"), std::vector<ProcessKey>{{200, 20}, {100, 10}, {1, 1}});
  REQUIRE(pids(ancestry) == std::vector<int>{200, 100, 1});
  CHECK(ancestry->at(1)->argv == Words{"sh", "/opt/run.sh"});
  // One of the same pid and another start is not that process.
  auto other = lineage.ancestry(task(701, 70, "x"), std::vector<ProcessKey>{{100, 11}, {1, 1}});
  REQUIRE(pids(other) == std::vector<int>{100, 1});
  CHECK_FALSE(other->front()->argv.has_value());
}

TEST_CASE("lineage: an impossible process is left out of a list", "[lineage]") {
  Lineage lineage;
  auto ancestry = lineage.ancestry(task(700, 7, "x"), std::vector<ProcessKey>{{0, 1}, {-5, 3}, {60, 0}});
  CHECK(pids(ancestry) == std::vector<int>{60});
}

TEST_CASE("lineage: a process has its user's name and the time of its start", "[lineage]") {
  Lineage lineage({answers_by_path(),
                   [](std::int64_t uid) { return uid == 0 ? std::optional<std::string>("root") : std::nullopt; },
                   1000 * kSecond});
  lineage.seed(make_process(1, 150, "init", {"/sbin/init"}), 0);
  CHECK(lineage.living(1)->started == 1001 * kSecond + kSecond / 2);
  CHECK_FALSE(lineage.living(1)->user);  // its uid is not known
  lineage.apply(events::at(1, events::fork(task(1, 150, "init", 0), kChild)));
  CHECK_FALSE(lineage.find(kChild)->user);  // 1000 has no name
  auto root = kChild;
  root.uid = 0;
  lineage.apply(events::at(2, events::exec(root, 1, "/bin/sh", "sh\0"sv)));
  CHECK(lineage.find(kChild)->user == "root");
  // Also of one that only a list names.
  CHECK(lineage.ancestry(task(700, 7, "x"), std::vector<ProcessKey>{{60, 200}})->front()->started == 1002 * kSecond);
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
  lineage.apply(events::at(1, events::fork(kShell, kShell)));
  CHECK(lineage.ancestry(kShell, {})->size() <= 64);
}

TEST_CASE("lineage: a million processes that come and go keep it bounded", "[lineage]") {
  Lineage lineage;
  lineage.seed(make_process(1, 1, "init", {"/sbin/init"}), 0);
  std::size_t most = 0;
  for (int i = 0; i < 1'000'000; ++i) {
    auto child = task(2 + i % 32000, static_cast<std::uint64_t>(2 + i / 100), "x");
    lineage.apply(events::at(i, events::fork(kInit, child)));
    lineage.apply(events::at(i, events::exit(child, 0)));
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
    lineage.apply(events::at(i * kSecond / 1000, events::fork(parent, child)));
    if (i) lineage.apply(events::at(i * kSecond / 1000, events::exit(parent, 0)));
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
  // A reused pid proves that its last owner has ended, whether that was reported or not.
  Lineage lineage;
  lineage.seed(make_process(1, 1, "init", {"/sbin/init"}), 0);
  std::size_t most = 0;
  for (int i = 0; i < 100'000; ++i) {
    lineage.apply(events::at(i, events::fork(kInit, task(2 + i % 1000, static_cast<std::uint64_t>(2 + i), "x"))));
    most = std::max(most, lineage.size());
  }
  CHECK(most <= Lineage::kMostEnded + 1000 + 8);
}

TEST_CASE("lineage: who had a pid at a moment, also when that one has ended since", "[lineage]") {
  Lineage lineage;
  grow(lineage);
  lineage.apply(events::at(50, events::exit(kShell, 0)));
  CHECK_FALSE(lineage.living(kShell.pid));
  CHECK_FALSE(lineage.living(kShell.pid, 51));
  REQUIRE(lineage.living(kShell.pid, 50));
  CHECK(lineage.living(kShell.pid, 50)->start == kShell.start);
  CHECK_FALSE(lineage.living(12345, 0));
}
