#include "verdict/childs_end.h"

#include "base/signals.h"
#include "verdict/chain.h"
#include "verdict/evidence.h"
#include "verdict/rules.h"
#include "verdict/story.h"

namespace stapkill {
namespace {

/// A child's end as clues for a rule, while its parent is judged.
struct ChildsEnd {
  ChildsEnd(const KilledChild& child, const Process& parent, const Surroundings& of_parent)
      : death{*child.process, child.number}, signal(*child.signal), around(of_parent) {
    auto parents = std::make_shared<std::vector<ProcessPtr>>(*of_parent.parents);
    parents->insert(parents->begin(), std::make_shared<Process>(parent));
    around.parents = std::move(parents);
  }
  Clues clues() const { return {death, signal, seen, around}; }

  Death death;
  const SignalRecord& signal;
  Circumstances seen;
  Surroundings around;
};

}  // namespace

Phrase childs_end_text(const KilledChild& child, const Death& of_parent, const Surroundings& around) {
  auto name = name_and_pid(*child.process), number = signal_name(child.number);
  if (child.mark) return phrase("{}, killed by {} from the kernel's out-of-memory killer", name, number);
  if (!child.signal) return phrase("{}, killed by {}", name, number);
  return phrase("{}, killed by {} from {}", name, number,
                sender_with_story(ChildsEnd(child, of_parent.process, around).clues()));
}

std::vector<ChainStep> chain_of_childs_end(const KilledChild& child, const Death& of_parent,
                                           const Surroundings& around) {
  if (child.mark) return {oom_step(*child.mark, of_parent)};
  if (!child.signal) return {};
  ChildsEnd end(child, of_parent.process, around);
  auto clues = end.clues();
  auto chain = chain_of(rule_for(clues), clues);
  for (auto& step : chain) step.confidence = Confidence::likely;
  return chain;
}

Phrase evidence_of_childs_end(const KilledChild& child) {
  if (child.mark)
    return phrase("mark_victim: the out-of-memory killer chose its child {}", name_and_pid(*child.process));
  if (child.signal) return phrase("of its child: {}", evidence_of(*child.signal));
  return phrase("its child {} was killed by {}", name_and_pid(*child.process), signal_name(child.number));
}

}  // namespace stapkill
