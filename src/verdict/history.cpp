#include "verdict/history.h"

#include <algorithm>

#include "event/signals.h"

namespace stapkill {
namespace {

constexpr int kFirstQueued = 32;  // real-time signals queue: SIGRTMIN of the kernel (signal(7))
constexpr int kToThread = -6;     // SI_TKILL

bool same(const SignalRecord& one, const SignalRecord& other) {
  return one.boot == other.boot && one.number == other.number && one.sender_tid == other.sender_tid;
}

/// Whether the earlier one, which was not let in when it came, can still have been waiting when the later came.
bool may_both_wait(const SignalRecord& earlier, const SignalRecord& later) {
  if (!earlier.blocked || !later.blocked) return false;
  return later.number >= kFirstQueued || (earlier.code == kToThread) != (later.code == kToThread);
}

}  // namespace

void SignalHistory::add(const SignalRecord& record, bool printed) {
  if (!harmless_by_default(record.number)) {
    earlier_.push_back(record);
    if (earlier_.size() > kMostEarlier) forget_one();
  }
  if (record.result == SignalResult::ignored || record.result == SignalResult::overflow) return;
  auto at = by_number_.find(record.number);
  // The first of two that wait is the one that is delivered.
  if (record.result == SignalResult::already_pending) {
    if (at == by_number_.end()) repeats_.try_emplace(record.number, record);
    return;
  }
  repeats_.erase(record.number);
  if (at == by_number_.end()) {
    by_number_.emplace(record.number, Past{record, printed, {}});
    return;
  }
  Past& past = at->second;
  if (!may_both_wait(past.record, record)) {
    past = {record, printed, {}};
  } else if (record.code == kToThread && past.record.code != kToThread) {
    past = {record, printed, past.record};
  } else {
    past.rival = record;
  }
}

/// The oldest of those that came again later; of all where each is another.
void SignalHistory::forget_one() {
  auto comes_again = [this](const SignalRecord& one) {
    return std::any_of(earlier_.rbegin(), earlier_.rend(),
                       [&](const SignalRecord& other) { return &other != &one && other.number == one.number; });
  };
  auto at = std::find_if(earlier_.begin(), earlier_.end(), comes_again);
  earlier_.erase(at == earlier_.end() ? earlier_.begin() : at);
  ++forgotten_;
}

void SignalHistory::returned(const SignalRecord& record) {
  if (auto at = by_number_.find(record.number); at != by_number_.end() && same(at->second.record, record)) {
    at->second.record = record;
  }
  for (auto& one : earlier_) {
    if (same(one, record)) one = record;
  }
}

const SignalRecord* SignalHistory::repeat_of_unseen(int number) const {
  auto at = repeats_.find(number);
  return at == repeats_.end() ? nullptr : &at->second;
}

const SignalHistory::Past* SignalHistory::last(int number) const {
  auto at = by_number_.find(number);
  return at == by_number_.end() ? nullptr : &at->second;
}

}  // namespace stapkill
