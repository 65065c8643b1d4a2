#include "engine/recent_signals.h"

#include <csignal>

#include "catch.h"

using namespace stapkill;

namespace {

ProcessPtr make_process(int pid) {
  auto process = std::make_shared<Process>();
  process->pid = pid;
  process->start = 7;
  return process;
}

SignalRecord sent(int number, int from, int to, Time at) {
  SignalRecord record;
  record.boot = at;
  record.number = number;
  record.by = By::process;
  record.sender = make_process(from);
  record.target = make_process(to);
  return record;
}

}  // namespace

TEST_CASE("recent signals: the last one by another, up to a time", "[session]") {
  RecentSignals recent;
  recent.add(sent(SIGTERM, 1, 50, 10));
  recent.add(sent(SIGINT, 2, 50, 20));
  recent.add(sent(SIGCHLD, 3, 50, 25));   // of no interest
  recent.add(sent(SIGTERM, 50, 50, 26));  // its own
  CHECK(recent.last_to(*make_process(50), 30)->sender->pid == 2);
  CHECK(recent.last_to(*make_process(50), 15)->sender->pid == 1);
  CHECK_FALSE(recent.last_to(*make_process(50), 5));
  CHECK_FALSE(recent.last_to(*make_process(51), 30));
  CHECK(recent.of(*make_process(50)).size() == 2);
  auto ignored = sent(SIGTERM, 4, 50, 28);
  ignored.result = SignalResult::ignored;
  recent.add(ignored);
  CHECK(recent.last_to(*make_process(50), 30)->sender->pid == 2);
}

TEST_CASE("recent signals: the memory is bounded", "[session]") {
  RecentSignals recent;
  for (int turn = 0; turn < 9; ++turn) recent.add(sent(SIGTERM, 1, 50, turn));
  CHECK(recent.of(*make_process(50)).size() == RecentSignals::kMostEach);
  for (int pid = 100; pid < 100 + static_cast<int>(RecentSignals::kMostProcesses); ++pid)
    recent.add(sent(SIGTERM, 1, pid, 20));
  CHECK(recent.of(*make_process(50)).empty());
  CHECK(recent.of(*make_process(100)).size() == 1);
}

TEST_CASE("recent signals: the kernel's own do not hide who asked", "[session]") {
  RecentSignals recent;
  recent.add(sent(SIGTERM, 1, 50, 10));
  for (int turn = 0; turn < 9; ++turn) {
    auto io = sent(SIGIO, 50, 50, 20 + turn);
    io.by = By::kernel;
    io.syscall.reset();
    recent.add(io);
  }
  CHECK(recent.last_to(*make_process(50), 100)->number == SIGTERM);
  CHECK(recent.of(*make_process(50)).size() == RecentSignals::kMostEach);
}

TEST_CASE("recent signals: a child that a signal ended, and who sent that", "[session]") {
  RecentSignals recent;
  recent.add(sent(SIGKILL, 9, 60, 90));
  recent.died(make_process(60), *make_process(50), SIGKILL, 100);
  auto child = recent.killed_child(*make_process(50), SIGKILL, 200);
  REQUIRE(child);
  CHECK(child->process->pid == 60);
  REQUIRE(child->signal);
  CHECK(child->signal->sender->pid == 9);
  CHECK_FALSE(recent.killed_child(*make_process(50), SIGTERM, 200));
  CHECK_FALSE(recent.killed_child(*make_process(51), SIGKILL, 200));
  CHECK_FALSE(recent.killed_child(*make_process(50), SIGKILL, 100'000'000'000));
}
