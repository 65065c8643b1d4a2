#include "autopsy/inquest/kubelet.h"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>

#include "base/signals.h"

namespace stapkill {
namespace {

using K = Finding::Kind;

/// What a reason tells, the least first.
enum class Tells { how, deleted, why };

/// Beginnings of reasons (messages/daemons_kubelet.cpp, records/kube_words.cpp) that tell no cause; all others do.
struct Row {
  std::string_view begin;
  Tells tells;
};
constexpr Row kRows[] = {
    {"grace period", Tells::how},
    {"its pod ends", Tells::how},
    {"Stopping container", Tells::how},
    {"Killing: Stopping container", Tells::how},
    {"its pod was deleted", Tells::deleted},
    {"its pod was removed", Tells::deleted},
    {"the pod is not wanted", Tells::deleted},
    {"the pod does not want", Tells::deleted},
};

Tells told_by(const Finding& finding) {
  if (finding.reason.empty()) return Tells::how;
  const auto* row = std::find_if(std::begin(kRows), std::end(kRows),
                                 [&](const Row& one) { return finding.reason.starts_with(one.begin); });
  return row == std::end(kRows) ? Tells::why : row->tells;
}

bool may_be_cause(const Finding& finding, const FoundDeath& death) {
  constexpr Time second = 1'000'000'000;  // of one log's delay
  if (told_by(finding) == Tells::why || !moment_of(finding) || !death.time) return true;
  return moment_of(finding) <= death.time + finding.doubt + death.doubt + second;
}

}  // namespace

bool shows_end(const Finding& kubelet_kill) {
  const auto& subject = kubelet_kill.subject;
  return !subject.container.empty() || !subject.container_name.empty() || told_by(kubelet_kill) == Tells::why;
}

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

std::string forced_words(const FoundDeath& death) {
  int asked = 0;
  bool forced = false;
  for (const auto* one : death.decisions) {
    if (one->kind != K::container_stop) continue;
    if (one->signal == SIGKILL) forced = true;
    if (one->signal && one->signal != SIGKILL) asked = one->signal;
  }
  if (!forced || death.signal != SIGKILL) return "";
  if (!asked) return "; its runtime sent SIGKILL";
  return fmt::format("; it had not ended by {}, and its runtime sent SIGKILL", signal_name(asked));
}

}  // namespace stapkill
