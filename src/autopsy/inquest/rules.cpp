#include "autopsy/inquest/rules.h"

#include <algorithm>
#include <array>
#include <csignal>

#include "autopsy/inquest/contradictions.h"
#include "autopsy/inquest/end_rules.h"
#include "autopsy/inquest/handled_signal.h"
#include "autopsy/inquest/kinds.h"
#include "autopsy/inquest/manager_rules.h"
#include "autopsy/inquest/memory_rules.h"
#include "autopsy/inquest/nearby_kill.h"
#include "autopsy/inquest/party_words.h"
#include "autopsy/inquest/signal_rules.h"

namespace stapkill {
namespace {

using K = Finding::Kind;
constexpr auto kCertain = Confidence::certain, kLikely = Confidence::likely;

constexpr std::array kRules = {
    InquestRule{"oom-report", by_oom},
    InquestRule{"signal-call", by_call},
    InquestRule{"core-siginfo", by_core},
    InquestRule{"fault-line", by_fault},
    InquestRule{"seccomp-record", by_seccomp},
    InquestRule{"userspace-oom", by_userspace_oom},
    InquestRule{"systemd-signal", by_systemds_signal},
    InquestRule{"systemd-oom", by_oom_word_of_systemd},
    InquestRule{"kubelet", by_kubelet},
    InquestRule{"runtime-stop", by_runtimes_stop},
    InquestRule{"systemd-job", by_systemds_job},
    InquestRule{"sysrq", by_sysrq},
    InquestRule{"runtime-claim", by_runtimes_claim},
    InquestRule{"runtime-asked", by_request_to_runtime},
    InquestRule{"shutdown", by_shutdown},
    InquestRule{"oom-of-unit", by_oom_beside},
    InquestRule{"nearby-kill", by_nearby_kill},
    InquestRule{"asked-to-exit", by_handled_signal},
    InquestRule{"exit", by_exit},
    InquestRule{"usual-cause", by_usual_cause},
    InquestRule{"unknown", unknown},
};

/// The kernel's report with its beginning, not one line of it.
bool is_whole_report(const Finding& finding) {
  return finding.oom && !finding.oom->asking.empty() && finding.oom->scope != OomReport::Scope::unknown;
}

/// Whether another finding of another kind says the same: that end, or what its manager made of it.
bool supports(const Finding& one, const Finding& decisive) {
  if (one.kind == decisive.kind) return false;
  if (one.kind == K::unit_result || one.kind == K::unit_oom || one.kind == K::unit_kill) return true;
  if (words_of(one.kind).bearing != Bearing::end) return false;
  int number = decisive.kind == K::oom_kill ? SIGKILL : decisive.signal;
  return one.signal ? one.signal == number : one.status && one.status == decisive.status;
}

/// A text proves what its daemon got, not who wrote it: one line that any user can write is never certain.
void doubt_forgeable(FoundDeath& death) {
  const auto* decisive = death.conclusion.decisive;
  if (!decisive || !decisive->forgeable || death.conclusion.confidence != kCertain || is_whole_report(*decisive))
    return;
  for (const auto* list : {&death.ends, &death.decisions, &death.details}) {
    if (std::any_of(list->begin(), list->end(), [&](const Finding* one) { return supports(*one, *decisive); })) return;
  }
  death.conclusion.confidence = kLikely;
  death.conclusion.missing = decisive->source == "kernel-log"
                                 ? phrase(
                                       "that the kernel wrote this line: any user can write one to that log in its "
                                       "name")
                                 : phrase(
                                       "that its program wrote this line: any user can write one to that log in its "
                                       "name");
}

/// A finding that names another place can decide, too.
void add_decisive(FoundDeath& death) {
  const auto* decisive = death.conclusion.decisive;
  if (!decisive) return;
  for (const auto* list : {&death.ends, &death.decisions, &death.details, &death.context}) {
    if (std::find(list->begin(), list->end(), decisive) != list->end()) return;
  }
  death.details.push_back(decisive);
}

}  // namespace

std::span<const InquestRule> inquest_rules() {
  return kRules;
}

void doubt_unit(FoundDeath& death) {
  if (death.likely_unit.empty() || death.conclusion.confidence != kCertain) return;
  death.conclusion.confidence = kLikely;
  death.conclusion.missing = phrase("that {} was of {}: both ended by the same signal at the same time",
                                    words_for(death.who), death.likely_unit);
}

void conclude(FoundDeath& death, const Evidence& evidence) {
  death.contradictions = contradictions_in(death, evidence);
  for (const auto& rule : kRules) {
    auto made = rule.conclude(death, evidence);
    if (!made) continue;
    death.conclusion = std::move(*made);
    death.conclusion.rule = rule.name;
    break;
  }
  doubt_forgeable(death);
  add_decisive(death);
  if (death.contradictions.empty() || death.conclusion.confidence != kCertain) return;
  if (!speaks_against(death)) return;
  death.conclusion.confidence = kLikely;
  death.conclusion.missing = phrase("sources that agree");
}

}  // namespace stapkill
