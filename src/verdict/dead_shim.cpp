#include "verdict/dead_shim.h"

#include <algorithm>
#include <csignal>

#include "base/signals.h"
#include "verdict/chain.h"
#include "verdict/evidence.h"
#include "verdict/process_words.h"
#include "verdict/story.h"

namespace stapkill {
namespace {

/// From the shim's end to the runtime's clean-up (containerd 1.6, runtime/v2/shim.go: at once; slow machines take
/// longer).
constexpr Time kNear = 30'000'000'000;

const ChainStep* first_by_runtime(const std::vector<ChainStep>& chain) {
  auto at = std::find_if(chain.begin(), chain.end(), [](const ChainStep& step) {
    return step.process && step.number && is_by_runtime(*step.process, *step.ancestry);
  });
  return at == chain.end() ? nullptr : &*at;
}

/// The shim that had run the process: above the runtime's own steps, where these were seen.
ProcessPtr shim_of(const Surroundings& around) {
  const auto& parents = *around.parents;
  auto at = std::find_if(parents.begin(), parents.end(), [](const ProcessPtr& one) { return is_runtime(*one); });
  return at == parents.end() ? nullptr : *at;
}

/// The signal that ended the shim.
const SignalRecord* end_of(const Process& shim, Time before, const Surroundings& around) {
  if (!shim.ended || !around.sent_to) return nullptr;
  const auto* signal = around.sent_to(shim, before);
  return signal && ends_by_default(signal->number) && before - signal->boot < kNear ? signal : nullptr;
}

}  // namespace

bool add_dead_shim(Verdict& verdict, const Death& death, const Surroundings& around) {
  const auto* act = first_by_runtime(verdict.chain);
  auto shim = shim_of(around);
  if (!act || !death.boot || !shim) return false;
  Time boot = death.boot - (death.time - act->time);
  const auto* signal = end_of(*shim, boot, around);
  if (!signal || is_by_runtime(*signal->sender, *signal->ancestry)) return false;
  verdict.summary += phrase("; {} before, {} had been sent {} by {}{}", duration_text(boot - signal->boot),
                            name_and_pid(*shim), signal_name(signal->number), name_and_pid(*signal->sender),
                            story_behind({*signal->sender, *signal->target, signal->number, signal->boot},
                                         *signal->ancestry, around.lookups));
  auto step = parents_step(*signal);
  if (signal->number == SIGKILL) step.confidence = Confidence::certain;
  verdict.chain.insert(verdict.chain.begin(), std::move(step));
  verdict.initiator = initiator_of(verdict.chain, death.process);
  return true;
}

}  // namespace stapkill
