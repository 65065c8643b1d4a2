#include "engine/roster.h"

#include <signal.h>

#include "catch.h"
#include "events.h"

using namespace stapkill;

namespace {

Process make(int pid, std::uint64_t start, const char* cgroup = "/system.slice/web.service") {
  Process process;
  process.pid = pid;
  process.start = start;
  process.comm = "server";
  process.cgroup = cgroup;
  return process;
}

Roster roster_of(TargetOptions targets) {
  auto made = Targets::make(std::move(targets));
  REQUIRE(made.has_value());
  return Roster(std::move(*made));
}

TargetOptions unit() {
  TargetOptions targets;
  targets.units = {"web.service"};
  return targets;
}

DeathRecord death_of(const Process& process, int wait_status) {
  DeathRecord death;
  death.process = std::make_shared<Process>(process);
  death.wait_status = wait_status;
  return death;
}

}  // namespace

TEST_CASE("roster: what has joined stays, by pid and start", "[roster]") {
  auto roster = roster_of(unit());
  REQUIRE(roster.join(make(5, 1), true, false));
  CHECK_FALSE(roster.join(make(5, 1), true, false));
  CHECK(roster.has({5, 1}));
  CHECK_FALSE(roster.has({5, 2}));
  CHECK(roster.has_pid(5));
  CHECK_FALSE(roster.has_pid(4));
  CHECK_FALSE(roster.has_pid(6));
  roster.leave({5, 1});
  CHECK_FALSE(roster.find({5, 1}));
}

TEST_CASE("roster: a pid of --pid is the process that had it then", "[roster]") {
  auto roster = roster_of(unit());
  roster.expect({5, 1});
  CHECK(roster.is_expected(make(5, 1)));
  CHECK_FALSE(roster.is_expected(make(5, 2)));
  CHECK(roster.is_expected(make(6, 2)));
  roster.expect_no_more();
  CHECK(roster.is_expected(make(5, 2)));
}

TEST_CASE("roster: a unit's main process is its first, then the eldest that is left", "[roster]") {
  auto roster = roster_of(unit());
  Lineage lineage;
  for (int pid : {5, 6, 7}) {
    auto process = make(pid, static_cast<std::uint64_t>(pid));
    lineage.seed(process, 1);
    roster.join(process, true, true);
  }
  CHECK(roster.is_main({5, 5}));
  auto& first = *roster.find({5, 5});
  lineage.apply(events::at(1, events::exit(events::task(5, 5, "server"), 0)));
  roster.leave_places(first, death_of(make(5, 5), 0), lineage);
  CHECK_FALSE(first.was_main);  // it forked into the background
  roster.leave({5, 5});
  CHECK(roster.is_main({6, 6}));
  auto& second = *roster.find({6, 6});
  lineage.apply(events::at(2, events::exit(events::task(6, 6, "server"), SIGKILL)));
  roster.leave_places(second, death_of(make(6, 6), SIGKILL), lineage);
  CHECK(second.was_main);
}

TEST_CASE("roster: a unit's start and stop commands are not its main process", "[roster]") {
  auto roster = roster_of(unit());
  roster.join(make(5, 5, "/system.slice/web.service/.control"), true, true);
  CHECK_FALSE(roster.is_main({5, 5}));
}

TEST_CASE("roster: of a unit's processes the main one, or one that was killed, ends the wait", "[roster]") {
  Roster::Watched watched;
  CHECK_FALSE(ends_what_is_awaited(watched, SIGKILL));
  watched.named = true;
  CHECK(ends_what_is_awaited(watched, SIGKILL));
  CHECK_FALSE(ends_what_is_awaited(watched, 0));
  watched.was_main = true;
  CHECK(ends_what_is_awaited(watched, 0));
}
