#include "engine/container_tracker.h"

namespace stapkill {

ContainerTracker::Change ContainerTracker::joined(const Container& container, ProcessKey process,
                                                  const std::function<Run()>& ask) {
  auto [at, fresh] = containers_.try_emplace(container.id);
  State& state = at->second;
  bool first = state.living.empty();
  state.living.insert(process);
  if (!first) return Change::none;
  state.main = process;
  if (!fresh) ended_.erase(state.ended);
  state.ended = 0;
  Run run = ask();
  state.name = run.name;
  Group& group = groups_[group_of(container)];
  if (!run.again.value_or(group.gone > 0)) return Change::started;
  if (group.gone > 0) --group.gone;
  ++group.restarts;
  ++restarts_;
  return Change::restarted;
}

ContainerTracker::Change ContainerTracker::left(const Container& container, ProcessKey process) {
  auto at = containers_.find(container.id);
  if (at == containers_.end()) return Change::none;
  State& state = at->second;
  if (state.living.erase(process) == 0 || !state.living.empty()) return Change::none;
  state.ended = ++ends_;
  ended_[state.ended] = container.id;
  ++groups_[group_of(container)].gone;
  forget_old();
  return Change::ended;
}

bool ContainerTracker::lives(const Container& container) const {
  auto at = containers_.find(container.id);
  return at != containers_.end() && !at->second.living.empty();
}

bool ContainerTracker::is_main(const Container& container, ProcessKey process) const {
  auto at = containers_.find(container.id);
  return at != containers_.end() && at->second.main == process;
}

std::string ContainerTracker::name_of(const Container& container) const {
  auto at = containers_.find(container.id);
  return at == containers_.end() ? "" : at->second.name;
}

std::uint64_t ContainerTracker::restarts(const Container& container) const {
  auto at = groups_.find(group_of(container));
  return at == groups_.end() ? 0 : at->second.restarts;
}

void ContainerTracker::forget_old() {
  while (ended_.size() > kMostEnded) {
    auto oldest = ended_.begin();
    containers_.erase(oldest->second);
    // The pod keeps its count: there is only one entry for each pod that was asked for.
    if (auto own = groups_.find(oldest->second); own != groups_.end()) groups_.erase(own);
    ended_.erase(oldest);
  }
}

}  // namespace stapkill
