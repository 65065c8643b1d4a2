#include "catch.h"
#include "events.h"
#include "verdict/lineage.h"

using namespace stapkill;
using events::task;
using namespace std::string_view_literals;

namespace {

const auto kParent = task(100, 10, "sh");
const auto kChild = task(200, 20, "sh");

/// A lineage in which the parent runs a shell, in the cgroup "/".
Lineage with_parent() {
  Lineage lineage;
  lineage.apply(events::at(1, events::exec(kParent, 1, "/bin/sh", "sh\0-c\0"sv)));
  return lineage;
}

}  // namespace

TEST_CASE("lineage: a move changes the cgroup, and what was handed out stays", "[lineage]") {
  auto lineage = with_parent();
  auto before = lineage.find(kParent);
  lineage.apply(events::at(2, events::moved(kParent, "/a/b")));
  auto after = lineage.find(kParent);
  CHECK(before->cgroup == "/");
  CHECK(after->cgroup == "/a/b");
  CHECK(after->exe == "/bin/sh");
  CHECK(after->argv == before->argv);
  CHECK(lineage.living(100)->cgroup == "/a/b");
  auto unknown = events::moved(kParent, "");
  std::get<kernel::Move>(unknown.what).cgroup.reset();
  lineage.apply(events::at(3, unknown));
  CHECK_FALSE(lineage.find(kParent)->cgroup);
}

TEST_CASE("lineage: a move has name and user too, also of one that is not known", "[lineage]") {
  auto lineage = with_parent();
  lineage.apply(events::at(2, events::moved(task(100, 10, "./ping", 0), "/a")));
  CHECK(lineage.find(kParent)->comm == "./ping");
  CHECK(lineage.find(kParent)->uid == 0);
  auto stranger = task(300, 30, "stranger", 5);
  lineage.apply(events::at(3, events::moved(stranger, "/b")));
  CHECK(lineage.living(300)->comm == "stranger");
  CHECK(lineage.living(300)->uid == 5);
  CHECK(lineage.living(300)->cgroup == "/b");
  CHECK_FALSE(lineage.living(300)->exe);
}

TEST_CASE("lineage: /proc completes a process that was first seen by a move", "[lineage]") {
  Lineage lineage;
  lineage.apply(events::at(2, events::moved(kParent, "/moved")));
  Process process;
  process.pid = kParent.pid;
  process.start = kParent.start;
  process.exe = "/bin/sh";
  process.argv = std::vector<std::string>{"sh", "-c"};
  process.argv_bytes = 6;
  process.cgroup = "/before";
  lineage.seed(process, 1);
  auto known = lineage.find(kParent);
  CHECK(known->cgroup == "/moved");
  CHECK(known->exe == "/bin/sh");
  CHECK(known->argv == process.argv);
  CHECK(known->argv_bytes == 6);
}

TEST_CASE("lineage: flags follow a move", "[lineage][suspicion]") {
  auto lineage = with_parent();
  lineage.apply(events::at(2, events::exec(kParent, 1, "/tmp/x", "x\0"sv)));
  REQUIRE(lineage.find(kParent)->flags == std::vector<std::string>{"temporary-exe"});
  lineage.apply(events::at(3, events::moved(kParent, "/a")));
  CHECK(lineage.find(kParent)->flags == std::vector<std::string>{"temporary-exe"});
  lineage.apply(events::at(4, events::moved(task(300, 30, "kworker/0:1"), "/a")));
  lineage.apply(events::at(5, events::exec(task(300, 30, "kworker/0:1"), 1, "/bin/sh", "sh\0"sv)));
  lineage.apply(events::at(6, events::moved(task(300, 30, "sh"), "/b")));
  CHECK(lineage.find(task(300, 30, ""))->flags.empty());
}

TEST_CASE("lineage: a child has its parent's cgroup of then, or that in which it was born", "[lineage]") {
  auto lineage = with_parent();
  lineage.apply(events::at(2, events::fork(kParent, kChild)));
  lineage.apply(events::at(3, events::moved(kParent, "/a")));
  CHECK(lineage.find(kChild)->cgroup == "/");
  auto later = task(201, 21, "sh"), elsewhere = task(202, 22, "sh");
  lineage.apply(events::at(4, events::fork(kParent, later)));
  CHECK(lineage.find(later)->cgroup == "/a");
  lineage.apply(events::at(5, events::moved(elsewhere, "/born/here")));
  lineage.apply(events::at(5, events::fork(kParent, elsewhere)));
  CHECK(lineage.find(elsewhere)->cgroup == "/born/here");
  CHECK(lineage.find(elsewhere)->exe == "/bin/sh");
  CHECK(lineage.ancestry(elsewhere, {})->front()->pid == 100);
}

TEST_CASE("lineage: a move that comes late brings nobody back to life", "[lineage]") {
  auto lineage = with_parent();
  lineage.apply(events::at(2, events::exit(kParent, 0)));
  lineage.apply(events::at(3, events::moved(kParent, "/a")));
  CHECK_FALSE(lineage.living(100));
  CHECK(lineage.has_ended(kParent));
}

TEST_CASE("lineage: an ancestor's move shows in a chain that was asked for before", "[lineage]") {
  auto lineage = with_parent();
  lineage.apply(events::at(2, events::fork(kParent, kChild)));
  CHECK(lineage.ancestry(kChild, {})->front()->cgroup == "/");
  lineage.apply(events::at(3, events::moved(kParent, "/a")));
  CHECK(lineage.ancestry(kChild, {})->front()->cgroup == "/a");
}

TEST_CASE("lineage: where and when a process was seen to exec stays, and its forks have it", "[lineage]") {
  Lineage lineage;
  auto event = events::exec(kParent, 1, "/bin/bash", "bash\0y.sh\0"sv);
  events::image_of(event).cwd = "/came/from";
  lineage.apply(events::at(7, event));
  auto later = events::describe(kParent, 1, "/bin/bash", "bash\0y.sh\0"sv);
  events::image_of(later).cwd = "/gone/to";
  lineage.apply(events::at(8, later));
  CHECK(lineage.find(kParent)->cwd == "/gone/to");
  CHECK(lineage.find(kParent)->exec_cwd == "/came/from");
  CHECK(lineage.find(kParent)->exec_boot == 7);
  lineage.apply(events::at(9, events::fork(kParent, kChild)));
  CHECK(lineage.find(kChild)->exec_cwd == "/came/from");
  CHECK(lineage.find(kChild)->exec_boot == 7);
}

TEST_CASE("lineage: of one that was not seen to exec no directory of that is known", "[lineage]") {
  Lineage lineage;
  lineage.apply(events::at(1, events::describe(kParent, 1, "/bin/bash", "bash\0y.sh\0"sv)));
  CHECK(lineage.find(kParent)->cwd == "/");
  CHECK_FALSE(lineage.find(kParent)->exec_cwd);
}
