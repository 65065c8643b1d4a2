#include "autopsy/inquest/kubelet.h"

#include <algorithm>
#include <csignal>

#include "autopsy/inquest/kubelet_reason.h"
#include "base/signals.h"

namespace stapkill {
namespace {

using K = Finding::Kind;

bool may_be_cause(const Finding& finding, const FoundDeath& death) {
  constexpr Time second = 1'000'000'000;  // of one log's delay
  if (told_by(finding) == Tells::why || !moment_of(finding) || !death.time) return true;
  return moment_of(finding) <= death.time + finding.doubt + death.doubt + second;
}

}  // namespace

const Finding* kubelets_decision(const FoundDeath& death) {
  const Finding* best = nullptr;
  for (const auto* list : {&death.decisions, &death.ends}) {
    for (const auto* one : *list) {
      if (one->kind != K::kubelet_kill || !may_be_cause(*one, death)) continue;
      if (!best || told_by(*one) > told_by(*best)) best = one;
    }
  }
  return best;
}

Phrase forced_words(const FoundDeath& death) {
  int asked = 0;
  bool forced = false;
  for (const auto* one : death.decisions) {
    if (one->kind != K::container_stop) continue;
    if (one->signal == SIGKILL) forced = true;
    if (one->signal && one->signal != SIGKILL) asked = one->signal;
  }
  if (!forced || death.signal != SIGKILL) return {};
  if (!asked) return phrase("; its runtime sent SIGKILL");
  return phrase("; it had not ended by {}, and its runtime sent SIGKILL", signal_name(asked));
}

}  // namespace stapkill
