#include "engine/departures.h"

#include <algorithm>

namespace stapkill {
namespace {

auto death_of(const ProcessKey& process) {
  return [&process](const Departures::Departure& one) { return one.death && one.death->process == process; };
}

}  // namespace

void Departures::push_before_death(const ProcessKey& process, Departure one) {
  queue_.insert(std::find_if(queue_.begin(), queue_.end(), death_of(process)), std::move(one));
}

bool Departures::has_death(const ProcessKey& process) const {
  return std::any_of(queue_.begin(), queue_.end(), death_of(process));
}

void Departures::returned(int tid, const std::function<void(SignalRecord&)>& complete) {
  for (auto& one : queue_) {
    if (one.tid != tid || one.deadline == 0) continue;
    auto* record = std::get_if<SignalRecord>(&one.record);
    if (!record || !record->syscall) continue;
    complete(*record);
    one.deadline = 0;
  }
}

Record* Departures::framed(std::uint64_t question) {
  auto one = std::find_if(queue_.begin(), queue_.end(),
                          [&](const Departure& departure) { return departure.question == question; });
  if (one == queue_.end()) return nullptr;
  one->question = 0;
  return &one->record;
}

}  // namespace stapkill
