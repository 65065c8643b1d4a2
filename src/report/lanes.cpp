#include "report/lanes.h"

#include <algorithm>

namespace stapkill {

Lanes::Lanes(const Digest& digest, const std::vector<Incident>& incidents) {
  choose(digest, incidents);
  if (digest.has_hosts()) sort_by_host(digest);
  for (const auto& death : digest.deaths()) {
    int number = of(*death.process);
    if (number < 0) {
      ++left_out_;
      continue;
    }
    lanes_[static_cast<std::size_t>(number)].death = &death;
    reach(death.time);
    for (const auto& step : death.verdict.chain) reach(step.time);
  }
  for (const auto& signal : digest.signals()) {
    if (of(*signal.target) >= 0) reach(signal.time);
  }
  for (const auto& loss : digest.losses()) reach(loss.time);
  constexpr Time least = 1'000'000;
  Time room = std::max(least, (end_ - begin_) / 20);
  begin_ -= room;
  end_ += room;
}

void Lanes::choose(const Digest& digest, const std::vector<Incident>& incidents) {
  for (const auto& incident : incidents) {
    const Verdict& verdict = incident.death->verdict;
    for (const auto& step : verdict.chain) add(step.process);
    add(verdict.killer);
    add(incident.death->process);
  }
  for (const auto& death : digest.deaths()) add(death.process);
}

/// In the order of the report's hosts; those of one host stay in theirs.
void Lanes::sort_by_host(const Digest& digest) {
  std::map<HostPtr, std::size_t> places;
  for (const auto& host : digest.hosts()) places.emplace(host, places.size());
  std::stable_sort(lanes_.begin(), lanes_.end(), [&](const Lane& one, const Lane& other) {
    return places[one.process->host] < places[other.process->host];
  });
  for (std::size_t at = 0; at < lanes_.size(); ++at) numbers_[key(*lanes_[at].process)] = static_cast<int>(at);
}

void Lanes::add(const ProcessPtr& process) {
  if (!process || lanes_.size() >= kMost) return;
  auto [at, is_new] = numbers_.try_emplace(key(*process), static_cast<int>(lanes_.size()));
  if (is_new) lanes_.push_back({process, process->started, nullptr});
}

std::vector<Wait> Lanes::waits() const {
  std::vector<Wait> waits;
  for (std::size_t at = 0; at < lanes_.size(); ++at) {
    const auto* death = lanes_[at].death;
    const ChainStep* last = nullptr;
    auto reach = [&](Time time) {
      if (last && time - last->time >= kShortestWait) waits.push_back({static_cast<int>(at), last, last->time, time});
    };
    if (!death) continue;
    for (const auto& step : death->verdict.chain) {
      if (step.what == ChainStep::What::handler || step.time == 0) continue;
      reach(step.time);
      last = &step;
    }
    reach(death->time);
  }
  return waits;
}

std::pair<int, int> Lanes::of_host(const HostPtr& host) const {
  auto is = [&](const Lane& lane) { return lane.process->host == host; };
  auto first = std::find_if(lanes_.begin(), lanes_.end(), is), last = std::find_if_not(first, lanes_.end(), is);
  return {static_cast<int>(first - lanes_.begin()), static_cast<int>(last - lanes_.begin())};
}

void Lanes::reach(Time time) {
  if (time == 0) return;  // not known
  begin_ = begin_ == 0 ? time : std::min(begin_, time);
  end_ = std::max(end_, time);
}

int Lanes::of(const Process& process) const {
  auto at = numbers_.find(key(process));
  return at == numbers_.end() ? -1 : at->second;
}

double Lanes::place(Time time) const {
  auto part = static_cast<double>(time - begin_) / static_cast<double>(end_ - begin_);
  return std::clamp(part, 0.0, 1.0) * 100;
}

}  // namespace stapkill
