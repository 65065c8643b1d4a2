#include "verdict/relay.h"

#include <algorithm>

#include "model/cgroup_names.h"

namespace stapkill {
namespace {

constexpr Time kOomNear = 5'000'000'000;
constexpr Time kNear = 2'000'000'000, kAtOnce = 200'000'000;

std::optional<std::string> unit_for(const Process& manager, const Process& process) {
  return manager.pid == 1 ? outermost_unit_of(process.cgroup) : unit_of(process.cgroup);
}

}  // namespace

std::optional<Relay> relay_of(const SignalRecord& signal, const Surroundings& around) {
  if (!around.sent_to) return std::nullopt;
  const auto* before = around.sent_to(*signal.sender, signal.boot);
  if (!before || before->boot > signal.boot || signal.boot - before->boot > kNear) return std::nullopt;
  // A signal from the process that it then ended is not a relay.
  if (same_process(*before->sender, *signal.sender) || same_process(*before->sender, *signal.target))
    return std::nullopt;
  bool same = before->number == signal.number && signal.boot - before->boot <= kAtOnce;
  return Relay{before, same || passes_on(*signal.sender)};
}

const OomMark* oom_before_stop(const Clues& clues) {
  const Process& manager = *clues.signal.sender;
  auto unit = unit_for(manager, clues.death.process);
  if (clues.signal.by != By::process || !unit || !is_service_manager(manager)) return nullptr;
  const auto& marks = clues.around.oom_before;
  auto found = std::find_if(marks.rbegin(), marks.rend(), [&](const OomMark& mark) {
    return mark.victim && !same_process(*mark.victim, clues.death.process) && mark.at <= clues.signal.boot &&
           clues.signal.boot - mark.at < kOomNear && unit_for(manager, *mark.victim) == unit;
  });
  return found == marks.rend() ? nullptr : &*found;
}

}  // namespace stapkill
