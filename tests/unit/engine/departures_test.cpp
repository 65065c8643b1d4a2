#include "engine/departures.h"

#include "catch.h"

using namespace stapkill;

namespace {

Departures::Departure signal_of(int tid, Time deadline) {
  Departures::Departure one;
  SignalRecord record;
  record.syscall = Syscall{"kill", std::nullopt, std::nullopt, Aim::process};
  one.record = record;
  one.tid = tid;
  one.deadline = deadline;
  return one;
}

Departures::Departure death_of(ProcessKey who) {
  Departures::Departure one;
  one.record = DeathRecord{};
  one.death = Departures::Death{.process = who};
  return one;
}

}  // namespace

TEST_CASE("departures: a signal goes before the death of its target, else last", "[departures]") {
  Departures queue;
  CHECK(queue.empty());
  queue.push(death_of({1, 1}));
  queue.push(death_of({2, 2}));
  CHECK(queue.has_death({2, 2}));
  CHECK_FALSE(queue.has_death({2, 3}));
  queue.push_before_death({2, 2}, signal_of(7, 5));
  queue.push_before_death({3, 3}, signal_of(8, 5));
  std::vector<bool> signals;
  for (; !queue.empty(); queue.pop()) signals.push_back(std::holds_alternative<SignalRecord>(queue.front().record));
  CHECK(signals == std::vector<bool>{false, true, false, true});
}

TEST_CASE("departures: a record waits for its frames under a number", "[departures]") {
  Departures queue;
  auto one = signal_of(7, 0);
  one.question = 3;
  queue.push(signal_of(8, 0));
  queue.push(one);
  CHECK(queue.framed(4) == nullptr);
  queue.pop();
  auto* record = queue.framed(3);
  REQUIRE(record == &queue.front().record);
  CHECK(queue.front().question == 0);
  CHECK(queue.framed(3) == nullptr);
}

TEST_CASE("departures: the result of a call makes its thread's signals ready, once", "[departures]") {
  Departures queue;
  queue.push(signal_of(7, 5));
  queue.push(signal_of(8, 5));
  queue.push(signal_of(7, 0));
  int completed = 0;
  auto complete = [&](SignalRecord& record) {
    record.syscall->ret = -1;
    ++completed;
  };
  queue.returned(7, complete);
  queue.returned(7, complete);
  CHECK(completed == 1);
  CHECK(queue.front().deadline == 0);
  CHECK(std::get<SignalRecord>(queue.front().record).syscall->ret == -1);
  queue.pop();
  CHECK(queue.front().deadline == 5);
}
