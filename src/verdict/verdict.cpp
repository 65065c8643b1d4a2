#include "verdict/verdict.h"

#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>
#include <csignal>

#include "base/signals.h"
#include "base/text.h"
#include "verdict/asked.h"
#include "verdict/calls.h"
#include "verdict/chain.h"
#include "verdict/childs_end.h"
#include "verdict/dead_shim.h"
#include "verdict/evidence.h"
#include "verdict/exit_verdict.h"
#include "verdict/fault.h"
#include "verdict/kubelet_word.h"
#include "verdict/managers_word.h"
#include "verdict/story.h"
#include "verdict/suspicion.h"
#include "verdict/wishes.h"

namespace stapkill {
namespace {

constexpr int kSeccompStrict = 1, kSeccompFilter = 2;  // include/uapi/linux/seccomp.h
constexpr int kSeccompDead = 3;                        // SECCOMP_MODE_DEAD, kernel/seccomp.c, since 5.17
constexpr Time kJustArmed = 2'000'000'000;             // a signal from before the watch ends a process within this time
constexpr Time kHandlerStarts = 1'000'000'000;         // a handler that has not run by then was removed

constexpr Time kRaisedWithin = 600'000'000'000;  // longest time that a handler takes to raise a signal again

Phrase grace_text(const Death& death, const SignalHistory& history, const SignalRecord& fatal,
                  const ProcessPtr& killer) {
  if (fatal.number != SIGKILL || !killer) return {};
  const auto* asked = asked_before_kill(history, fatal);
  if (!asked) return {};
  auto since = duration_text(fatal.boot - asked->boot), name = signal_name(asked->number);
  bool same = same_process(*asked->sender, *killer);
  auto effect = why_without_effect(*asked, death.own_pid);
  return same ? phrase(", {} after {} from it{}", since, name, effect)
              : phrase(", {} after {} from {}{}", since, name, name_and_pid(*asked->sender), effect);
}

/// Confidence that seccomp killed it: such kills generate no signal (kernel/seccomp.c, __seccomp_filter and
/// __secure_computing_strict).
Confidence seccomp_killed(const Death& death, int number, const Surroundings& around) {
  if (number != SIGSYS && number != SIGKILL) return Confidence::unknown;
  if (death.seccomp == kSeccompDead) return Confidence::certain;
  bool could = death.seccomp == (number == SIGSYS ? kSeccompFilter : kSeccompStrict);
  return could && !around.lost ? Confidence::likely : Confidence::unknown;
}

/// Why no signal of that number that can have ended it was seen.
Phrase why_unseen(const Death& death, int number, const SignalHistory& history, const Surroundings& around) {
  std::string name = signal_name(number);
  if (history.last(number)) {
    return phrase(
        "the last {} that was seen went to a handler; the one that ended it did not pass the signal_generate "
        "tracepoint: a tracer can inject one (ptrace(2), PTRACE_CONT)",
        name);
  }
  if (const auto* repeat = history.repeat_of_unseen(number)) {
    return phrase("a {} that was not seen was pending already when {} sent it again: only the first one counts", name,
                  name_and_pid(*repeat->sender));
  }
  if (around.watched_since && death.boot && death.boot - around.watched_since < kJustArmed) {
    return phrase("no {} for it was seen since the probes were armed, {} before its end: it may have been sent before",
                  name, duration_text(std::max<Time>(death.boot - around.watched_since, 0)));
  }
  return phrase("no {} for it passed the signal_generate tracepoint", name);
}

/// The part of the wait status that says how a signal ended it.
std::string low_byte(const Death& death) {
  return fmt::format("{:#04x}", death.wait_status & 0xff);
}

Verdict judge_unseen(const Death& death, int number, const SignalHistory& history, const Surroundings& around) {
  Verdict verdict;
  std::string name = signal_name(number);
  verdict.evidence.push_back(phrase("wait status {}: killed by {}", low_byte(death), name));
  verdict.evidence.push_back(why_unseen(death, number, history, around));
  verdict.confidence = seccomp_killed(death, number, around);
  verdict.rule = verdict.confidence == Confidence::unknown ? "not-seen" : "seccomp-mode";
  if (verdict.confidence == Confidence::unknown) {
    verdict.summary = phrase("{} was killed by {}; who sent it was not seen", name_and_pid(death.process), name);
    if (around.lost) verdict.summary += phrase(" ({} events were lost)", around.lost);
  } else {
    verdict.cause = Cause::seccomp;
    verdict.summary = phrase("{} was killed by {}", name_and_pid(death.process), name) + because_text(Cause::seccomp);
    verdict.evidence.push_back(phrase("its seccomp mode at the end was {}", death.seccomp));
    if (verdict.confidence == Confidence::likely) {
      verdict.evidence.push_back(phrase("this kernel does not mark a process that seccomp killed (Linux 5.17 does)"));
    }
  }
  add_earlier(verdict, history, {});
  add_loss(verdict, around.lost);
  return verdict;
}

/// A handled signal ends nobody, unless its handler was removed just then (sigaction(2), execve(2)).
bool went_to_handler(const SignalRecord& record) {
  return record.handled && !record.blocked;
}

/// Why a cause is not certain, as evidence; "" when it is.
Phrase doubt(const SignalHistory::Past& past, const Rule& rule, const Surroundings& around) {
  if (!rule.missing.empty()) return phrase("likely, because this was not seen: {}", phrase_from(rule.missing));
  if (went_to_handler(past.record)) {
    return phrase(
        "likely: it had a handler for {} when that was sent; that the handler was gone by its delivery was not seen",
        signal_name(past.record.number));
  }
  if (past.rival) {
    return phrase("another {} was pending too, {}: which one the kernel delivered first was not seen",
                  signal_name(past.record.number), evidence_of(*past.rival));
  }
  return around.lost ? phrase("{} events were lost around it: another signal could be among them", around.lost) : "";
}

/// What the handler did with the first of two of one number.
Phrase raised_text(const SignalRecord& first, const SignalRecord& second) {
  if (second.by == By::kernel) return phrase("; its handler could not be started");
  if (second.boot <= first.boot) return phrase("; it handled it and raised it again");
  return phrase("; it handled it and raised it again {} later", duration_text(second.boot - first.boot));
}

/// The signal that decides: the first one, if the process raised it again.
const SignalRecord& decisive(const SignalHistory::Past& past) {
  bool near = past.taken && past.record.boot - past.taken->boot < kRaisedWithin;
  return near ? *past.taken : past.record;
}

/// Of a process that ended itself: where in its code. A fault is one of native code, in an interpreter too.
Phrase calls_text(const Rule& rule, const SignalRecord& signal) {
  bool own = signal.sender->pid == signal.target->pid;
  if (!own) return {};
  bool fault = rule.cause == Cause::fault;
  auto calls = fault ? main_calls(signal.frames) : main_calls(*signal.sender, signal.frames);
  if (calls.empty()) return {};
  return fault ? phrase(": {}", calls) : phrase(", in {}", calls);
}

std::vector<ChainStep> steps_of(const Rule& rule, const Clues& clues, const SignalHistory::Past& past,
                                const SignalHistory& history) {
  auto chain = chain_of(rule, clues);
  const auto* asked = clues.signal.number == SIGKILL && clues.signal.by == By::process
                          ? asked_before_kill(history, clues.signal)
                          : nullptr;
  auto request = asked ? request_step(*asked, clues.signal) : std::nullopt;
  if (request) chain.insert(chain.begin(), std::move(*request));
  // A wrapper may pass on its child's end (unshare(1), a shell that kills itself).
  auto child = rule.cause == Cause::self && clues.around.killed_child ? clues.around.killed_child(clues.signal.number)
                                                                      : std::nullopt;
  if (child) return chain_of_childs_end(*child, clues.death, clues.around);
  bool raised = &clues.signal != &past.record && past.record.by == By::process;
  if (raised && !chain.empty()) chain.push_back(raise_step(past.record));
  return chain;
}

Verdict judge_signal(const Death& death, const SignalHistory::Past& past, const SignalHistory& history,
                     const Surroundings& around) {
  static const Circumstances not_known;
  const SignalRecord& signal = decisive(past);
  bool again = &signal != &past.record;
  Clues clues{death, signal, signal.seen ? *signal.seen : not_known, around};
  const Rule& rule = rule_for(clues);
  Verdict verdict;
  verdict.cause = rule.cause;
  verdict.rule = rule.name;
  if (signal.seq) verdict.signal_seq = signal.seq;
  auto name = signal_name(signal.number);
  verdict.evidence.push_back(WCOREDUMP(death.wait_status)
                                 ? phrase("wait status {}: killed by {}, core dumped", low_byte(death), name)
                                 : phrase("wait status {}: killed by {}", low_byte(death), name));
  verdict.evidence.push_back(evidence_of(signal));
  if (again) verdict.evidence.push_back(evidence_of(past.record));
  for (auto& line : evidence_of_circumstances(rule.cause, clues)) verdict.evidence.push_back(std::move(line));
  add_calls(verdict, *signal.sender, signal.frames);
  if (signal.by == By::kernel && !signal.seen) {
    verdict.evidence.push_back(phrase("what the kernel was doing then is not known"));
  }
  if (auto core = core_text(clues); !core.empty()) verdict.evidence.push_back(core);
  add_earlier(verdict, history, {&signal, &past.record});
  verdict.killer = killer_by(rule, clues);
  verdict.chain = steps_of(rule, clues, past, history);
  verdict.initiator = initiator_of(verdict.chain, death.process);
  auto who = name_and_pid(death.process);
  verdict.summary = rule.cause == Cause::self ? phrase("{} killed itself with {}", who, name)
                                              : phrase("{} was killed by {}", who, name);
  verdict.summary += because(rule, clues) + calls_text(rule, signal) +
                     grace_text(death, history, signal, verdict.killer) +
                     (again ? raised_text(signal, past.record) : abort_text(death, history, signal));
  if (verdict.cause == Cause::unknown) {
    add_loss(verdict, around.lost);
    return verdict;
  }
  auto why = again ? Phrase() : doubt(past, rule, around);
  if (again && around.lost) why = phrase("{} events were lost around it", around.lost);
  if (!why.empty()) verdict.evidence.push_back(why);
  verdict.confidence = why.empty() ? Confidence::certain : Confidence::likely;
  if (!verdict.killer) return verdict;
  verdict.by = verdict.cause == Cause::self ? By::self : By::process;
  add_suspicions(verdict, verdict.killer,
                 verdict.killer == around.asked_sysrq ? around.sysrq_ancestry : signal.ancestry);
  return verdict;
}

Verdict judge_any(const Death& death, const SignalHistory& history, const Surroundings& around) {
  if (WIFEXITED(death.wait_status)) return judge_exit(death, history, around);
  int number = WTERMSIG(death.wait_status);
  const auto* fatal = history.last(number);
  bool too_late = fatal && went_to_handler(fatal->record) && death.boot - fatal->record.boot > kHandlerStarts;
  if (!fatal || too_late) return judge_unseen(death, number, history, around);
  return judge_signal(death, *fatal, history, around);
}

}  // namespace

Verdict judge(const Death& death, const SignalHistory& history, const Surroundings& around) {
  Verdict verdict = judge_any(death, history, around);
  bool by_own_rules = add_managers_word(verdict, around) || add_kubelets_word(verdict, death.process, around);
  if (!by_own_rules && !add_dead_shim(verdict, death, around)) add_who_asked(verdict, death, around);
  add_script_lines(verdict);
  verdict.summary = phrase("{}.", verdict.summary).with_bytes([](std::string_view bytes) {
    return printable(bytes);
  });  // names and arguments are any bytes
  return verdict;
}

Ancestry ancestry_of(const Verdict& verdict, int wait_status, const SignalHistory& history,
                     const Surroundings& around) {
  if (!verdict.killer) return nullptr;
  if (verdict.killer == around.asked_sysrq) return around.sysrq_ancestry;
  const auto* fatal = history.last(WTERMSIG(wait_status));
  return fatal ? decisive(*fatal).ancestry : nullptr;
}

}  // namespace stapkill
