#include "catch.h"
#include "events.h"
#include "verdict/lineage.h"

using namespace stapkill;
using events::task;
using namespace std::string_view_literals;

namespace {

using Words = std::vector<std::string>;
const auto kInit = task(1, 1, "init", 0);
const auto kShell = task(100, 10, "sh");
const auto kChild = task(200, 20, "sh");

}  // namespace

TEST_CASE("lineage: stapkill itself has no flags", "[lineage]") {
  Lineage lineage;
  lineage.set_own(7);
  for (int pid : {7, 8}) {
    Process process;
    process.pid = pid;
    process.start = 10;
    process.comm = "stapkill";
    process.exe = "/tmp/stapkill";
    lineage.seed(process, 1);
    CHECK(lineage.living(pid)->flags.empty() == (pid == 7));
  }
}

TEST_CASE("lineage: flags are those of what a process is now", "[lineage][suspicion]") {
  const FileQuestions files = {[](const std::string& path) { return path.starts_with("/usr/"); },
                               [](const std::string&) { return false; }};
  Lineage lineage({files});
  Process seeded;
  seeded.pid = 1;
  seeded.start = 1;
  seeded.comm = "init";
  seeded.exe = "/tmp/init";
  lineage.seed(seeded, 0);
  CHECK(lineage.find(kInit)->flags == Words{"temporary-exe"});
  lineage.apply(events::at(1, events::fork(kInit, kShell)));
  CHECK(lineage.find(kShell)->flags == Words{"temporary-exe"});  // its parent's image
  auto before = lineage.find(kShell);
  lineage.apply(events::at(2, events::exec(kShell, 1, "/usr/bin/sh", "sh\0"sv)));
  CHECK(lineage.find(kShell)->flags == Words{});
  CHECK(before->flags == Words{"temporary-exe"});
  lineage.apply(events::at(3, events::rename(task(100, 10, "kworker/0:1"))));
  CHECK(lineage.find(kShell)->flags == Words{"false-kernel-thread"});
  lineage.apply(events::at(4, events::fork(kShell, task(200, 20, "kworker/0:1"))));
  CHECK(lineage.find(task(200, 20, "kworker/0:1"))->flags == Words{"false-kernel-thread"});
  lineage.apply(events::at(5, events::fork(kShell, task(201, 21, "other"))));
  CHECK(lineage.find(task(201, 21, "other"))->flags == Words{});
  lineage.apply(events::at(6, events::exec(task(200, 20, "vGhyM0"), 100, "/srv/vGhyM0", "x\0"sv)));
  CHECK(lineage.find(task(200, 20, "vGhyM0"))->flags == Words{"random-name"});
  lineage.apply(events::at(7, events::describe(task(300, 30, "a"), 100, "/srv/a (deleted)", "a\0"sv)));
  CHECK(lineage.find(task(300, 30, "a"))->flags == Words{"deleted-exe"});
  CHECK(lineage.find(task(400, 40, "vGhyM0"))->flags == Words{"random-name"});  // known by its name alone
}

TEST_CASE("lineage: an ancestor that has ended keeps its flags", "[lineage][suspicion]") {
  Lineage lineage;
  lineage.apply(events::at(1, events::fork(kInit, kShell)));
  lineage.apply(events::at(2, events::exec(kShell, 1, "/tmp/sh", "sh\0"sv)));
  lineage.apply(events::at(3, events::fork(kShell, kChild)));
  lineage.apply(events::at(4, events::exit(kShell, 0)));
  auto ancestry = lineage.ancestry(kChild, {});
  REQUIRE_FALSE(ancestry->empty());
  CHECK(ancestry->front()->ended);
  CHECK(ancestry->front()->flags == Words{"temporary-exe"});
}
