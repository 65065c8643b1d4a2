#include "engine/incidents.h"

#include <algorithm>
#include <utility>

namespace stapkill {
namespace {

constexpr Time kSecond = 1'000'000'000;
constexpr Time kLossNear = 10 * kSecond;   // a loss this long before a death may have hidden part of its story
constexpr Time kOomNear = 5 * kSecond;     // the marks of one run of the out-of-memory killer
constexpr Time kSysrqNear = 60 * kSecond;  // from the request to the kernel thread that acts

template <typename List>
void keep_few(List& list) {
  while (list.size() > Incidents::kMost) list.pop_front();
}

}  // namespace

void Incidents::at(Time boot) {
  latest_ = std::max(latest_, boot);
  for (auto one = losses_.rbegin(); one != losses_.rend() && one->before == 0; ++one) one->before = latest_;
}

void Incidents::lost(std::uint64_t count) {
  losses_.push_back({0, count});
  keep_few(losses_);
}

void Incidents::marked(OomMark mark) {
  marks_.push_back(std::move(mark));
  keep_few(marks_);
}

void Incidents::sysrq(Time boot, ProcessPtr process, Ancestry ancestry) {
  sysrq_ = {boot, std::move(process), std::move(ancestry)};
}

std::optional<OomMark> Incidents::mark_for(const Process& process) const {
  auto found = std::find_if(marks_.rbegin(), marks_.rend(),
                            [&](const OomMark& mark) { return is_mark_of(mark, process, nullptr); });
  return found == marks_.rend() ? std::nullopt : std::optional(*found);
}

void Incidents::describe(Surroundings& around, const Process& process, const SignalRecord* killed, Time at) const {
  for (const auto& loss : losses_) {
    if (loss.before == 0 || latest_ - loss.before < kLossNear) around.lost += loss.count;
  }
  for (const auto& mark : marks_) {
    if (mark.at <= at) around.oom_before.push_back(mark);
    bool near = mark.at < at + kOomNear && at < mark.at + kOomNear;
    if (!near) continue;
    if (is_mark_of(mark, process, killed)) {
      around.oom_marked = true;
    } else {
      around.oom_marks.push_back(mark);
    }
  }
  if (sysrq_.process && at - sysrq_.at < kSysrqNear) {
    around.asked_sysrq = sysrq_.process;
    around.sysrq_ancestry = sysrq_.ancestry;
  }
}

}  // namespace stapkill
