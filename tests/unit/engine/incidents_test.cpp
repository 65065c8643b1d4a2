#include "engine/incidents.h"

#include "catch.h"

using namespace stapkill;

namespace {

constexpr Time kSecond = 1'000'000'000;

ProcessPtr process(int pid) {
  Process made;
  made.pid = pid;
  made.start = 5;
  return std::make_shared<Process>(made);
}

Surroundings around(const Incidents& incidents, int pid, Time at) {
  Surroundings found;
  incidents.describe(found, *process(pid), nullptr, at);
  return found;
}

}  // namespace

TEST_CASE("incidents: a loss counts for what dies within ten seconds of the next event", "[incidents]") {
  Incidents incidents;
  incidents.at(1 * kSecond);
  incidents.lost(3);
  CHECK(around(incidents, 1, 1 * kSecond).lost == 3);
  incidents.at(2 * kSecond);
  incidents.at(11 * kSecond);
  CHECK(around(incidents, 1, 11 * kSecond).lost == 3);
  incidents.at(12 * kSecond);
  CHECK(around(incidents, 1, 12 * kSecond).lost == 0);
}

TEST_CASE("incidents: a mark is the process's own, or another's at about that time", "[incidents]") {
  Incidents incidents;
  incidents.marked({10 * kSecond, 7, process(7), nullptr});
  CHECK(around(incidents, 7, 10 * kSecond).oom_marked);
  auto other = around(incidents, 8, 14 * kSecond);
  CHECK_FALSE(other.oom_marked);
  CHECK(other.oom_marks.size() == 1);
  auto late = around(incidents, 8, 16 * kSecond);
  CHECK(late.oom_marks.empty());
  CHECK(late.oom_before.size() == 1);
  CHECK(incidents.mark_for(*process(7)));
  CHECK_FALSE(incidents.mark_for(*process(8)));
}

TEST_CASE("incidents: SysRq counts for a minute, and only that of a process", "[incidents]") {
  Incidents incidents;
  incidents.sysrq(1 * kSecond, process(9), nullptr);
  CHECK(around(incidents, 1, 60 * kSecond).asked_sysrq->pid == 9);
  CHECK_FALSE(around(incidents, 1, 61 * kSecond).asked_sysrq);
  incidents.sysrq(70 * kSecond, nullptr, nullptr);
  CHECK_FALSE(around(incidents, 1, 71 * kSecond).asked_sysrq);
}

TEST_CASE("incidents: memory is bounded", "[incidents]") {
  Incidents incidents;
  for (int i = 0; i < 1000; ++i) {
    incidents.lost(1);
    incidents.marked({kSecond, i + 1, process(i + 1), nullptr});
  }
  auto found = around(incidents, 0, kSecond);
  CHECK(found.lost == Incidents::kMost);
  CHECK(found.oom_marks.size() == Incidents::kMost);
}
