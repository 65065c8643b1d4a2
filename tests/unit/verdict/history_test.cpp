#include "verdict/history.h"

#include "catch.h"

using namespace stapkill;

namespace {

SignalRecord make(int number, Time time, SignalResult result = SignalResult::delivered) {
  SignalRecord record;
  record.number = number;
  record.time = record.boot = time;
  record.result = result;
  return record;
}

}  // namespace

TEST_CASE("history: the last of a number counts, and a repeat of a pending one does not", "[history]") {
  SignalHistory history;
  CHECK(history.empty());
  history.add(make(15, 1), true);
  history.add(make(15, 2, SignalResult::already_pending), true);
  REQUIRE(history.last(15));
  CHECK(history.last(15)->record.time == 1);
  history.add(make(15, 3), false);
  CHECK(history.last(15)->record.time == 3);
  CHECK(history.last(15)->record.seq == 0);
  CHECK_FALSE(history.last(9));
}

TEST_CASE("history: of two that wait the thread's own goes first", "[history]") {
  auto first = make(15, 1), second = make(15, 2);
  first.blocked = second.blocked = true;
  second.code = -6;  // SI_TKILL
  SignalHistory history;
  history.add(first, true);
  history.add(second, true);
  CHECK(history.last(15)->record.time == 2);
  REQUIRE(history.last(15)->rival);
  CHECK(history.last(15)->rival->time == 1);
}

TEST_CASE("history: of two blocked ones of a standard signal the first was taken in between", "[history]") {
  auto first = make(15, 1), second = make(15, 2);
  first.blocked = second.blocked = true;
  SignalHistory history;
  history.add(first, true);
  history.add(second, true);
  CHECK(history.last(15)->record.time == 2);
  CHECK_FALSE(history.last(15)->rival);
}

TEST_CASE("history: what came before is bounded, and without what does nothing", "[history]") {
  SignalHistory history;
  history.add(make(17, 1), true);
  CHECK(history.earlier().empty());
  for (int turn = 0; turn < 100; ++turn) history.add(make(10, turn), true);
  CHECK(history.earlier().size() == SignalHistory::kMostEarlier);
  CHECK(history.forgotten() == 100 - SignalHistory::kMostEarlier);
  history.add(make(1, 200, SignalResult::ignored), true);
  CHECK(history.earlier().back().number == 1);
  CHECK_FALSE(history.last(1));
}

TEST_CASE("history: what comes again and again does not push out what came once", "[history]") {
  SignalHistory history;
  history.add(make(15, 1), true);
  for (int turn = 2; turn < 100; ++turn) history.add(make(14, turn), true);
  CHECK(history.earlier().front().number == 15);
  CHECK(history.earlier().size() == SignalHistory::kMostEarlier);
  CHECK(history.earlier()[1].time == 100 - static_cast<Time>(SignalHistory::kMostEarlier) + 1);
}

TEST_CASE("history: a repeat of one that was not seen is none that ends a process", "[history]") {
  SignalHistory history;
  history.add(make(15, 1, SignalResult::already_pending), true);
  history.add(make(15, 2, SignalResult::already_pending), true);
  CHECK_FALSE(history.last(15));
  REQUIRE(history.repeat_of_unseen(15));
  CHECK(history.repeat_of_unseen(15)->time == 1);
  CHECK_FALSE(history.repeat_of_unseen(9));
  history.add(make(15, 3), true);
  REQUIRE(history.last(15));
  CHECK_FALSE(history.repeat_of_unseen(15));
}

TEST_CASE("history: the result of a call reaches the record", "[history]") {
  SignalHistory history;
  auto record = make(15, 1);
  record.syscall = Syscall{"kill", std::nullopt};
  history.add(record, true);
  record.syscall->ret = 0;
  history.completed(record);
  CHECK(history.last(15)->record.syscall->ret == 0);
  CHECK(history.earlier().front().syscall->ret == 0);
  record.time = record.boot = 2;
  record.syscall->ret = -1;
  history.completed(record);
  CHECK(history.last(15)->record.syscall->ret == 0);
}
