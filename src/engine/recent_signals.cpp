#include "engine/recent_signals.h"

#include <algorithm>

#include "base/signals.h"

namespace stapkill {
namespace {

constexpr Time kChildNear = 60'000'000'000;

}  // namespace

void RecentSignals::add(const SignalRecord& record) {
  if (harmless_by_default(record.number) || raised_by_itself(record)) return;
  auto [at, fresh] = signals_.try_emplace(key_of(*record.target));
  if (fresh) order_.push_back(at->first);
  at->second.push_back(record);
  if (at->second.size() > kMostEach) {
    // The kernel's own signals, such as SIGIO, are frequent and nobody asked for them: drop these first.
    auto& list = at->second;
    auto kernels = std::find_if(list.begin(), list.end(), [](const auto& one) { return one.by == By::kernel; });
    list.erase(kernels == list.end() ? list.begin() : kernels);
  }
  if (order_.size() <= kMostProcesses) return;
  signals_.erase(order_.front());
  order_.pop_front();
}

std::vector<SignalRecord> RecentSignals::of(const Process& process) const {
  auto at = signals_.find(key_of(process));
  if (at == signals_.end()) return {};
  return {at->second.begin(), at->second.end()};
}

const SignalRecord* RecentSignals::last_to(const Process& process, Time at) const {
  auto found = signals_.find(key_of(process));
  if (found == signals_.end()) return nullptr;
  const auto& list = found->second;
  auto last = std::find_if(list.rbegin(), list.rend(), [&](const SignalRecord& record) {
    return record.boot <= at && record.by == By::process && record.result != SignalResult::ignored;
  });
  return last == list.rend() ? nullptr : &*last;
}

void RecentSignals::ended(const ProcessKey& process, int wait_status) {
  ends_.emplace_back(process, wait_status);
  if (ends_.size() > kMostEnds) ends_.pop_front();
}

std::optional<int> RecentSignals::end_of(const ProcessKey& process) const {
  auto at = std::find_if(ends_.rbegin(), ends_.rend(), [&](const auto& end) { return end.first == process; });
  return at == ends_.rend() ? std::nullopt : std::optional(at->second);
}

void RecentSignals::died(ProcessPtr process, const Process& parent, int number, Time at) {
  deaths_.push_back({std::move(process), key_of(parent), number, at});
  if (deaths_.size() > kMostDeaths) deaths_.pop_front();
}

std::optional<KilledChild> RecentSignals::killed_child(const Process& parent, int number, Time at) const {
  auto found = std::find_if(deaths_.rbegin(), deaths_.rend(), [&](const Death& death) {
    return death.parent == key_of(parent) && death.number == number && death.at <= at && at - death.at < kChildNear;
  });
  if (found == deaths_.rend()) return std::nullopt;
  const auto* signal = last_to(*found->process, found->at);
  return KilledChild{found->process, number, signal && signal->number == number ? signal : nullptr};
}

}  // namespace stapkill
