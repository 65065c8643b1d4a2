#include "verdict/history.h"

#include <algorithm>
#include <csignal>

#include "base/signals.h"

namespace stapkill {
namespace {

constexpr int kFirstQueued = 32;  // real-time signals queue: SIGRTMIN of the kernel (signal(7))
constexpr int kToThread = -6;     // SI_TKILL
constexpr int kKernel = 0x80;     // SI_KERNEL

bool same(const SignalRecord& one, const SignalRecord& other) {
  return one.boot == other.boot && one.number == other.number && one.sender_tid == other.sender_tid;
}

/// Whether the earlier signal can still have been pending when the later one came.
bool may_both_wait(const SignalRecord& earlier, const SignalRecord& later) {
  if (!earlier.blocked || !later.blocked) return false;
  return later.number >= kFirstQueued || (earlier.code == kToThread) != (later.code == kToThread);
}

/// Adds it; with more than `most`, drops the oldest that repeats later, else the oldest. Whether one was dropped.
bool add_to(std::deque<SignalRecord>& list, const SignalRecord& record, std::size_t most) {
  list.push_back(record);
  if (list.size() <= most) return false;
  auto comes_again = [&](const SignalRecord& one) {
    return std::any_of(list.rbegin(), list.rend(),
                       [&](const SignalRecord& other) { return &other != &one && other.number == one.number; });
  };
  auto at = std::find_if(list.begin(), list.end(), comes_again);
  list.erase(at == list.end() ? list.begin() : at);
  return true;
}

/// Whether a process can take it as a request to end: not routine signals of children, files and terminals.
bool can_ask(const SignalRecord& record) {
  constexpr int never[] = {SIGCHLD, SIGCONT, SIGURG, SIGIO, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU, SIGKILL};
  if (std::find(std::begin(never), std::end(never), record.number) != std::end(never)) return false;
  if (record.number == SIGWINCH && record.by != By::process) return false;  // a terminal's new size
  if (record.result != SignalResult::delivered && record.result != SignalResult::info_lost) return false;
  // A fatal signal that did not end it was taken by a waiting thread: sigtimedwait(2) unblocks it while it waits.
  return !raised_by_itself(record) && (record.handled || record.blocked || ends_by_default(record.number));
}

/// The earlier signal, if it caused the later one of the same number: the process raised it again, or the kernel did
/// because the handler could not start (kernel/signal.c, signal_setup_done).
std::optional<SignalRecord> taken_before(const SignalHistory::Past& past, const SignalRecord& record) {
  bool unstarted = record.by == By::kernel && record.code == kKernel && record.seen &&
                   record.seen->in({"signal_setup_done", "force_sigsegv", "force_fatal_sig"});
  if (!unstarted && !raised_by_itself(record)) return std::nullopt;
  if (raised_by_itself(past.record)) return past.taken;
  return past.record.handled ? std::optional(past.record) : std::nullopt;
}

}  // namespace

void SignalHistory::add(SignalRecord record, bool printed) {
  if (!printed) record.seq = 0;
  if (!harmless_by_default(record.number)) forgotten_ += add_to(earlier_, record, kMostEarlier);
  if (can_ask(record)) add_to(requests_, record, kMostRequests);
  if (record.result != SignalResult::ignored && record.result != SignalResult::overflow) add_effective(record);
}

void SignalHistory::add_effective(const SignalRecord& record) {
  auto at = by_number_.find(record.number);
  // Of two pending signals the first is delivered.
  if (record.result == SignalResult::already_pending) {
    if (at == by_number_.end()) repeats_.try_emplace(record.number, record);
    return;
  }
  repeats_.erase(record.number);
  if (at == by_number_.end()) {
    by_number_.emplace(record.number, Past{record, {}, {}});
    return;
  }
  Past& past = at->second;
  if (!may_both_wait(past.record, record)) {
    past = {record, {}, taken_before(past, record)};
  } else if (record.code == kToThread && past.record.code != kToThread) {
    past = {record, past.record, {}};
  } else {
    past.rival = record;
  }
}

void SignalHistory::completed(const SignalRecord& record) {
  if (auto at = by_number_.find(record.number); at != by_number_.end()) {
    if (same(at->second.record, record)) at->second.record = record;
    if (at->second.taken && same(*at->second.taken, record)) at->second.taken = record;
  }
  for (auto* list : {&earlier_, &requests_}) {
    for (auto& one : *list) {
      if (same(one, record)) one = record;
    }
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
