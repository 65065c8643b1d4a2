#include "autopsy/inquest/manager_rules.h"

#include <algorithm>
#include <csignal>

#include "autopsy/inquest/kubelet.h"
#include "autopsy/inquest/party_words.h"
#include "autopsy/inquest/reason_words.h"
#include "base/signals.h"

namespace stapkill {
namespace {

using K = Finding::Kind;
constexpr auto kCertain = Confidence::certain, kLikely = Confidence::likely;
constexpr Time kSecond = 1'000'000'000;

/// systemd names each process that it sends SIGKILL: where that was one alone, and then the main process ended by
/// SIGKILL, it was this one (core/unit.c, unit_kill_context, 252).
bool is_only_one_killed(const FoundDeath& death, const Finding& kill, const Evidence& evidence) {
  if (kill.signal != SIGKILL) return false;
  auto end = std::find_if(death.ends.begin(), death.ends.end(), [&](const Finding* one) {
    return one->kind == K::unit_process && one->signal == SIGKILL && one->subject.unit == kill.subject.unit &&
           (one->reason.starts_with("Main") || one->reason.starts_with("main")) && moment_of(*one) >= moment_of(kill) &&
           moment_of(*one) - moment_of(kill) <= 2 * kSecond;
  });
  if (end == death.ends.end()) return false;
  return std::none_of(evidence.findings.begin(), evidence.findings.end(), [&](const Finding& other) {
    return other.kind == K::unit_kill && other.subject.unit == kill.subject.unit &&
           other.subject.pid != kill.subject.pid && std::abs(moment_of(other) - moment_of(kill)) <= 10 * kSecond;
  });
}

/// Flags of a container's state that its runtime was asked to end it, without when and by which signal (moby 29,
/// daemon/kill.go, killWithSignal; libpod, container_api.go).
struct Asked {
  std::string_view flag, words;
};
constexpr Asked kAsked[] = {
    {"HasBeenManuallyStopped",
     msgid("dockerd had been asked to send it a signal (docker stop, restart, kill or rm -f)")},
    {"StoppedByUser", msgid("podman had been asked to stop it")},
};

}  // namespace

Found by_systemds_signal(const FoundDeath& death, const Evidence& evidence) {
  const auto* kill = last_of(death.decisions, K::unit_kill);
  if (!kill) kill = first_of(death.ends, K::unit_kill);
  if (!kill || !kill->subject.pid || kill->subject.pid != death.who.pid || !can_be_by(death, {kill->signal}))
    return std::nullopt;
  bool shown = is_shown_to_end_by(death, kill->signal) || is_only_one_killed(death, *kill, evidence);
  const auto* reason = reason_of_systemd(death);
  auto made = make_conclusion(
      Cause::kill, shown ? kCertain : kLikely,
      phrase("was killed by {} from systemd(1){}", signal_name(kill->signal), systemds_reason(reason)), kill);
  made.killer = systemd_itself();
  made.initiator = asker_of(reason);
  made.through = "systemd";
  if (!shown) made.missing = phrase("a source that shows that this process ended by it");
  return made;
}

Found by_systemds_job(const FoundDeath& death, const Evidence&) {
  const auto* reason = reason_of_systemd(death);
  if (!reason || unit_of(death.who).empty()) return std::nullopt;
  bool exited = death.status && !death.signal;
  if (!exited && !can_be_by(death, {SIGTERM, SIGKILL, SIGINT, SIGQUIT, SIGHUP, SIGABRT, SIGUSR1})) return std::nullopt;
  auto made =
      make_conclusion(exited ? Cause::exit : Cause::kill, kLikely, end_words(death) + systemds_reason(reason), reason);
  if (!exited) made.killer = systemd_itself();
  made.initiator = asker_of(reason);
  made.through = "systemd";
  made.missing = reason->kind == K::unit_stop ? phrase("who asked systemd to stop the unit")
                                              : phrase("systemd's own line about the signal");
  return made;
}

Found by_kubelet(const FoundDeath& death, const Evidence&) {
  const auto* kill = kubelets_decision(death);
  if (!kill) return std::nullopt;
  bool exited = death.status && !death.signal;
  auto made = make_conclusion(exited         ? Cause::exit
                              : death.signal ? Cause::kill
                                             : Cause::unknown,
                              kLikely,
                              phrase("{}: the kubelet ended its container{}{}", end_words(death),
                                     reason_in_brackets(*kill), forced_words(death)),
                              kill);
  if (!death.signal && !exited) made.cause = Cause::kill;
  made.initiator = kill->actor;
  if (made.initiator.comm.empty()) made.initiator.comm = "kubelet";
  made.through = "kubelet";
  made.missing = phrase("the signal itself: the runtime sends it for the kubelet");
  return made;
}

Found by_runtimes_stop(const FoundDeath& death, const Evidence&) {
  const auto* stop = last_of(death.decisions, K::container_stop);
  if (!stop || (death.who.container.empty() && death.who.container_name.empty())) return std::nullopt;
  bool exited = death.status && !death.signal;
  if (!exited && !can_be_by(death, {SIGTERM, SIGKILL, SIGINT, SIGQUIT, SIGHUP})) return std::nullopt;
  auto made = make_conclusion(
      exited ? Cause::exit : Cause::kill, kLikely,
      phrase("{}: {} was ending the container{}", end_words(death),
             stop->through.empty() ? phrase("its runtime") : Phrase(stop->through), reason_in_brackets(*stop)),
      stop);
  made.initiator = stop->actor;
  made.through = stop->through;
  made.missing = phrase("who asked the runtime");
  return made;
}

Found by_request_to_runtime(const FoundDeath& death, const Evidence&) {
  bool exited = death.status && !death.signal;
  if (!exited && !can_be_by(death, {SIGTERM, SIGKILL, SIGINT, SIGQUIT, SIGHUP})) return std::nullopt;
  for (const auto* claim : death.details) {
    const auto* row = std::find_if(std::begin(kAsked), std::end(kAsked),
                                   [&](const Asked& one) { return claim->reason.starts_with(one.flag); });
    if (claim->kind != K::claim || row == std::end(kAsked)) continue;
    auto made = make_conclusion(exited ? Cause::exit : Cause::kill, kLikely,
                                phrase("{}: {} since its start", end_words(death), phrase_from(row->words)), claim);
    made.through = claim->through;
    made.missing = phrase("when that was, by which signal, and who asked");
    return made;
  }
  return std::nullopt;
}

Found by_shutdown(const FoundDeath& death, const Evidence&) {
  const auto* down = last_of(death.context, K::shutdown);
  if (!down || moment_of(*down) > death.time + down->doubt + death.doubt || !death.signal ||
      !can_be_by(death, {SIGTERM, SIGKILL, SIGHUP}))
    return std::nullopt;
  auto made =
      make_conclusion(Cause::kill, kLikely, phrase("{}: the machine was being stopped", end_words(death)), down);
  made.through = "shutdown";
  made.missing = phrase("who sent the signal");
  return made;
}

}  // namespace stapkill
