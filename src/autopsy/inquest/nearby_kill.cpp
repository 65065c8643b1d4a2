#include "autopsy/inquest/nearby_kill.h"

#include <csignal>

#include "autopsy/inquest/party_words.h"
#include "base/signals.h"

namespace stapkill {
namespace {

using K = Finding::Kind;
constexpr Time kSecond = 1'000'000'000;
constexpr Time kBefore = 5 * kSecond;  // much memory is given back before systemd gets to know of the end
constexpr Time kAfter = kSecond;

bool has_place(const Party& party) {
  return !unit_of(party).empty() || !party.container.empty() || !party.cgroup.empty();
}

bool is_like(const FoundDeath& death, const Finding& finding) {
  bool kills = finding.kind == K::oom_kill || ((finding.kind == K::signal_call || finding.kind == K::userspace_oom) &&
                                               !finding.failed && finding.signal == death.signal);
  if (!kills || (finding.kind == K::oom_kill && death.signal != SIGKILL)) return false;
  if (!finding.time || !finding.subject.pid || has_place(finding.subject)) return false;
  auto slack = finding.doubt + death.doubt;
  return finding.time >= death.time - kBefore - slack && finding.time <= death.time + kAfter + slack;
}

/// The only one: of several nobody knows which.
const Finding* killed_nearby(const FoundDeath& death, const Evidence& evidence) {
  const Finding* found = nullptr;
  for (const auto& one : evidence.findings) {
    if (!is_like(death, one)) continue;
    if (found && found->subject.pid != one.subject.pid) return nullptr;
    if (!found || one.kind == K::oom_kill) found = &one;
  }
  return found;
}

Phrase killer_words(const Finding& kill) {
  if (kill.kind == K::oom_kill) return phrase("the kernel's out-of-memory killer ended {}", words_for(kill.subject));
  return phrase("{} sent {} to {}", actor_words(kill.actor), signal_name(kill.signal), words_for(kill.subject));
}

Cause cause_of(const Finding& kill) {
  if (kill.kind != K::oom_kill) return Cause::kill;
  bool memcg = kill.oom && kill.oom->scope == OomReport::Scope::memcg;
  return memcg ? Cause::oom_memcg : Cause::oom_global;
}

}  // namespace

std::optional<Conclusion> by_nearby_kill(const FoundDeath& death, const Evidence& evidence) {
  if (death.who.pid || death.who.tid || unit_of(death.who).empty() || !death.signal || death.signal_inferred)
    return std::nullopt;
  const auto* kill = killed_nearby(death, evidence);
  if (!kill) return std::nullopt;
  Conclusion made;
  made.cause = cause_of(*kill);
  made.confidence = Confidence::likely;
  made.sentence = phrase("{}: at that time {}", end_words(death), killer_words(*kill));
  made.killer = made.initiator = kill->actor;
  made.through = kill->through;
  made.decisive = kill;
  made.missing = phrase("that {} was the process of this unit", words_for(kill->subject));
  return made;
}

}  // namespace stapkill
