#include "report/lanes.h"

#include <algorithm>

namespace stapkill {

Lanes::Lanes(const Digest& digest, const std::vector<Incident>& incidents) {
  for (const auto& incident : incidents) {
    const Verdict& verdict = incident.death->verdict;
    for (const auto& step : verdict.chain) add(step.process);
    add(verdict.killer);
    add(incident.death->process);
  }
  for (const auto& death : digest.deaths()) {
    add(death.process);
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

void Lanes::add(const ProcessPtr& process) {
  if (!process || lanes_.size() >= kMost) return;
  auto [at, is_new] = numbers_.try_emplace(key_of(*process), static_cast<int>(lanes_.size()));
  if (is_new) lanes_.push_back({process, process->started, nullptr});
}

void Lanes::reach(Time time) {
  if (time == 0) return;  // not known
  begin_ = begin_ == 0 ? time : std::min(begin_, time);
  end_ = std::max(end_, time);
}

int Lanes::of(const Process& process) const {
  auto at = numbers_.find(key_of(process));
  return at == numbers_.end() ? -1 : at->second;
}

double Lanes::place(Time time) const {
  auto part = static_cast<double>(time - begin_) / static_cast<double>(end_ - begin_);
  return std::clamp(part, 0.0, 1.0) * 100;
}

}  // namespace stapkill
