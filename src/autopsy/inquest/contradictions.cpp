#include "autopsy/inquest/contradictions.h"

#include <algorithm>
#include <csignal>

#include "autopsy/inquest/party_words.h"
#include "autopsy/inquest/sources.h"
#include "base/signals.h"

namespace stapkill {
namespace {

using K = Finding::Kind;

/// What a finding says the end was; empty where it says none, or none that can be compared.
Phrase end_of(const Finding& finding) {
  if (finding.kind == K::oom_kill) return signal_name(SIGKILL);
  if (finding.kind == K::signal_call || finding.kind == K::unit_kill || finding.kind == K::userspace_oom ||
      finding.kind == K::kubelet_kill || finding.kind == K::seccomp)
    return {};
  if (finding.signal) return signal_name(finding.signal);
  if (!finding.status) return {};
  return phrase("exit status {}", *finding.status);
}

/// A container's status of 128+N and signal N are the same end.
bool differ(const Finding& one, const Finding& other) {
  auto first = end_of(one), second = end_of(other);
  if (first.empty() || second.empty() || first == second) return false;
  auto number = [](const Finding& finding) {
    if (finding.kind == K::oom_kill) return SIGKILL;
    return finding.signal ? finding.signal : *finding.status > 128 ? *finding.status - 128 : -*finding.status;
  };
  return number(one) != number(other);
}

const Finding* other_end(const FoundDeath& death, std::size_t at) {
  for (auto next = at + 1; next < death.ends.size(); ++next) {
    if (differ(*death.ends[at], *death.ends[next])) return death.ends[next];
  }
  return nullptr;
}

void add_ends(const FoundDeath& death, std::vector<Phrase>& all) {
  for (std::size_t at = 0; at < death.ends.size(); ++at) {
    const auto* other = other_end(death, at);
    if (!other) continue;
    all.push_back(phrase("{} says {}, {} says {}", title_of(death.ends[at]->source), end_of(*death.ends[at]),
                         title_of(other->source), end_of(*other)));
    return;
  }
}

bool is_oom_here(const Finding* finding) {
  return finding->kind == K::oom_kill;
}

void add_claim(const FoundDeath& death, const Evidence& evidence, std::vector<Phrase>& all) {
  auto claim = std::find_if(death.details.begin(), death.details.end(), [](const Finding* one) {
    return one->kind == K::claim && one->reason.find("OOMKilled") != std::string::npos;
  });
  bool own = std::any_of(death.ends.begin(), death.ends.end(), is_oom_here);
  auto beside = std::find_if(death.details.begin(), death.details.end(), is_oom_here);
  if (claim == death.details.end()) return;
  if (beside != death.details.end() && !own) {
    all.push_back(phrase("the runtime says OOMKilled; the kernel's log names {}, another process of the same container",
                         words_for((*beside)->subject)));
  } else if (!own && has_kernel_log(evidence, death.time)) {
    all.push_back(phrase(
        "the runtime says OOMKilled; the kernel's log has no out-of-memory report of that container at that time"));
  }
}

void add_sender(const FoundDeath& death, std::vector<Phrase>& all) {
  auto oom = std::find_if(death.ends.begin(), death.ends.end(), is_oom_here);
  if (oom == death.ends.end()) return;
  for (const auto* list : {&death.ends, &death.decisions}) {
    for (const auto* one : *list) {
      if (one->kind != K::signal_call || one->signal != SIGKILL || one->failed) continue;
      all.push_back(
          phrase("the kernel's out-of-memory killer chose it, and {} sent it SIGKILL, too", actor_words(one->actor)));
      return;
    }
  }
}

}  // namespace

std::vector<Phrase> contradictions_in(const FoundDeath& death, const Evidence& evidence) {
  std::vector<Phrase> all;
  add_ends(death, all);
  add_claim(death, evidence, all);
  add_sender(death, all);
  return all;
}

bool speaks_against(const FoundDeath& death) {
  std::vector<Phrase> all;
  add_ends(death, all);
  add_sender(death, all);
  return !all.empty();
}

}  // namespace stapkill
