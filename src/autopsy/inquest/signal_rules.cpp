#include "autopsy/inquest/signal_rules.h"

#include <algorithm>
#include <csignal>

#include "autopsy/inquest/party_words.h"
#include "autopsy/inquest/reason_words.h"
#include "base/signals.h"

namespace stapkill {
namespace {

using K = Finding::Kind;
constexpr auto kCertain = Confidence::certain, kLikely = Confidence::likely;
constexpr Time kSecond = 1'000'000'000;

struct Call {
  std::string_view through;
  Cause cause;
};
constexpr Call kCalls[] = {
    {"kill(2)", Cause::kill},
    {"tkill(2)", Cause::tkill},
    {"tgkill(2)", Cause::tkill},
    {"rt_sigqueueinfo(2)", Cause::sigqueue},
    {"rt_tgsigqueueinfo(2)", Cause::sigqueue},
    {"pidfd_send_signal(2)", Cause::pidfd},
};

Cause cause_of_call(std::string_view through) {
  const auto* row =
      std::find_if(std::begin(kCalls), std::end(kCalls), [&](const Call& one) { return one.through == through; });
  return row == std::end(kCalls) ? Cause::kill : row->cause;
}

/// The calls that sent the signal it ended by, or a fatal one where that is not known, the earliest first.
std::vector<const Finding*> fatal_calls(const FoundDeath& death) {
  std::vector<const Finding*> calls;
  for (const auto* list : {&death.ends, &death.decisions}) {
    for (const auto* one : *list) {
      bool fits = death.signal ? one->signal == death.signal : one->signal == SIGKILL;
      if (one->kind == K::signal_call && !one->failed && one->signal && fits) calls.push_back(one);
    }
  }
  std::sort(calls.begin(), calls.end(),
            [](const Finding* one, const Finding* other) { return moment_of(*one) < moment_of(*other); });
  return calls;
}

/// The first one that another process sent, too.
const Finding* other_sender(const std::vector<const Finding*>& calls) {
  auto other = std::find_if(calls.begin(), calls.end(),
                            [&](const Finding* one) { return one->actor.pid != calls.front()->actor.pid; });
  return other == calls.end() ? nullptr : *other;
}

/// Whether the runtime saw the process end by 128+9 just after that call: SIGKILL cannot be handled, and what ended
/// before would have got it as a zombie.
bool ended_after(const FoundDeath& death, const Finding& call) {
  constexpr Time soon = 2 * kSecond;
  return std::any_of(death.ends.begin(), death.ends.end(), [&](const Finding* one) {
    auto delay = one->time - call.time;
    return call.signal == SIGKILL && call.time && one->kind == K::container_end && one->subject.pid &&
           one->subject.pid == call.subject.pid && one->status == 128 + SIGKILL && delay >= 0 && delay <= soon &&
           one->doubt < kSecond && call.doubt < kSecond;
  });
}

/// The sender that a core names by its pid. pid 1 is the host's: a core of another pid namespace names none.
Conclusion by_cores_sender(const FoundDeath& death, const Finding& core) {
  auto sender = core.actor;
  const auto* reason = sender.pid == 1 ? reason_of_systemd(death) : nullptr;
  if (reason) sender = systemd_itself();
  auto made = make_conclusion(Cause::kill, kCertain,
                              phrase("was killed by {} from {} (as its core says){}", signal_name(core.signal),
                                     actor_words(sender), systemds_reason(reason)),
                              &core);
  made.killer = sender;
  made.initiator = reason ? asker_of(reason) : sender;
  made.through = reason ? "systemd" : "kill(2)";
  return made;
}

Phrase call_sentence(const Finding& call) {
  auto name = signal_name(call.signal);
  if (call.self) return phrase("was killed by {} that it sent itself ({})", name, call.through);
  return phrase("was killed by {} from {} ({})", name, actor_words(call.actor), call.through);
}

}  // namespace

Found by_call(const FoundDeath& death, const Evidence&) {
  auto calls = fatal_calls(death);
  if (calls.empty() || (death.status && !death.signal)) return std::nullopt;
  const auto* call = calls.front();
  const auto* other = other_sender(calls);
  bool shown = is_shown_to_end_by(death, call->signal) || ended_after(death, *call);
  auto made = make_conclusion(call->self ? Cause::self : cause_of_call(call->through),
                              shown && !other ? kCertain : kLikely, call_sentence(*call), call);
  made.killer = made.initiator = call->actor;
  made.through = call->through;
  if (!shown) made.missing = phrase("a source that shows that this process ended by it");
  if (!other) return made;
  made.sentence += phrase("; {} sent it, too", actor_words(other->actor));
  made.missing = phrase("which of several senders it was");
  return made;
}

Found by_core(const FoundDeath& death, const Evidence&) {
  for (const auto* core : death.ends) {
    if (core->kind != K::core || !core->signal) continue;
    auto name = signal_name(core->signal);
    if (core->by_kernel)
      return make_conclusion(Cause::fault, kCertain,
                             phrase("was killed by {}: a fault of its own{}", name, reason_in_brackets(*core)), core);
    if (core->self) {
      auto made = make_conclusion(Cause::self, kCertain,
                                  phrase("was killed by {} that it sent itself (abort, raise)", name), core);
      made.killer = core->subject;
      return made;
    }
    if (!core->actor.pid) continue;
    return by_cores_sender(death, *core);
  }
  return std::nullopt;
}

Found by_fault(const FoundDeath& death, const Evidence&) {
  const auto* fault = first_of(death.ends, K::fault);
  if (!fault || (death.status && !death.signal)) return std::nullopt;
  if (death.signal && fault->signal && death.signal != fault->signal) return std::nullopt;
  auto number = death.signal ? death.signal : fault->signal;
  return make_conclusion(Cause::fault, kCertain,
                         phrase("was killed by {}: a fault of its own{}",
                                number ? Phrase(signal_name(number)) : phrase("a signal"), reason_in_brackets(*fault)),
                         fault);
}

Found by_seccomp(const FoundDeath& death, const Evidence&) {
  const auto* refused = first_of(death.ends, K::seccomp);
  if (!refused || !can_be_by(death, {SIGSYS, SIGKILL})) return std::nullopt;
  bool shown =
      is_shown_to_end_by(death, SIGSYS) && std::any_of(death.ends.begin(), death.ends.end(), [&](const Finding* one) {
        return one != refused && one->signal == SIGSYS && one->subject.pid;
      });
  // SECCOMP_RET_KILL_PROCESS: the record names the thread group, which ends (kernel/seccomp.c, __seccomp_filter).
  shown |= refused->subject.pid != 0 && refused->reason.find("end the process") != std::string::npos;
  auto made =
      make_conclusion(Cause::seccomp, shown ? kCertain : kLikely,
                      phrase("was killed by {}: a seccomp filter refused a system call{}",
                             signal_name(refused->signal ? refused->signal : SIGSYS), reason_in_brackets(*refused)),
                      refused);
  if (!shown) made.missing = phrase("a source that shows that the whole process ended, not one thread");
  return made;
}

Found by_sysrq(const FoundDeath& death, const Evidence&) {
  const auto* asked = last_of(death.decisions, K::sysrq);
  if (!asked || asked->reason.find("OOM") != std::string::npos || !can_be_by(death, {SIGTERM, SIGKILL}))
    return std::nullopt;
  auto made = make_conclusion(Cause::sysrq, kLikely,
                              phrase("{}: SysRq was used ({})", end_words(death), reason_words(asked->reason)), asked);
  made.missing = phrase("that this signal was SysRq's, and who used it");
  return made;
}

}  // namespace stapkill
