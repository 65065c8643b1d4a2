#include "verdict/exit_verdict.h"

#include <fmt/format.h>
#include <sys/wait.h>

#include "base/signals.h"
#include "base/text.h"
#include "verdict/calls.h"
#include "verdict/chain.h"
#include "verdict/childs_end.h"
#include "verdict/evidence.h"
#include "verdict/origins.h"
#include "verdict/story.h"
#include "verdict/wishes.h"

namespace stapkill {
namespace {

constexpr int kSignalStatus = 128, kMostSignals = 64;

/// The signal of an exit status by the shell's convention (128+n); 0: none.
int signal_of_status(int status) {
  return status > kSignalStatus && status <= kSignalStatus + kMostSignals ? status - kSignalStatus : 0;
}

/// The child whose end a status of 128+n reports; none where no child ended so.
std::optional<KilledChild> child_of_status(int status, const Surroundings& around) {
  int number = signal_of_status(status);
  return number && around.killed_child ? around.killed_child(number) : std::nullopt;
}

/// "exit status 143 (128 + SIGTERM)", or that no SIGTERM explains it.
Phrase status_text(const Death& death, const SignalRecord* wish, const Surroundings& around) {
  int status = WEXITSTATUS(death.wait_status);
  int number = signal_of_status(status);
  if (number == 0) return phrase("exit status {}", status);
  auto name = signal_name(number);
  if (wish && wish->number == number) return phrase("exit status {} (128 + {})", status, name);
  auto child = child_of_status(status, around);
  if (!child && is_runtime_client(death.process)) {
    return phrase(
        "exit status {} (128 + {}), the status of its container's process: to see who ended that, watch it with "
        "--container",
        status, name);
  }
  if (!child) return phrase("exit status {}, not a {}", status, name);
  return phrase("exit status {}, the status of its child {}", status, childs_end_text(*child, death, around));
}

/// "nginx(3) was asked to end by SIGTERM from kill(12), run by …, and ended with exit status 0 0.1 s later".
Phrase asked_text(const Death& death, const Wish& wish, const Rule& rule, const Clues& clues) {
  Phrase text = phrase("{} was asked to end by {}", name_and_pid(death.process), signal_name(wish.signal->number));
  text += because(rule, clues);
  auto status = status_text(death, wish.signal, clues.around);
  text += death.boot ? phrase(", and ended with {} {} later", status, duration_text(death.boot - wish.signal->boot))
                     : phrase(", and ended with {}", status);
  if (!wish.again) return text;
  return text + phrase("; {} had sent {} again in the meantime", name_and_pid(*wish.again->sender),
                       signal_name(wish.again->number));
}

void blame(Verdict& verdict, const Death& death, const Wish& wish, const Surroundings& around) {
  static const Circumstances not_known;
  const SignalRecord& signal = *wish.signal;
  Clues clues{death, signal, signal.seen ? *signal.seen : not_known, around};
  const Rule& rule = rule_for(clues);
  verdict.rule = "asked-to-exit";
  if (signal.seq) verdict.signal_seq = signal.seq;
  verdict.chain = chain_of(rule, clues);
  if (!wish.certain) {
    for (auto& step : verdict.chain) step.confidence = Confidence::likely;
  }
  verdict.chain.push_back(handler_step(signal, death, around));
  verdict.initiator = initiator_of(verdict.chain, death.process);
  verdict.confidence = wish.certain ? Confidence::certain : Confidence::likely;
  verdict.summary = asked_text(death, wish, rule, clues);
  verdict.evidence.push_back(evidence_of(signal));
  for (auto& line : evidence_of_circumstances(rule.cause, clues)) verdict.evidence.push_back(std::move(line));
}

/// Its parent was asked to end right before: the parent may have made it end in another way than by a signal.
void blame_parents_asker(Verdict& verdict, const Death& death, const SignalRecord& signal, const Surroundings& around) {
  static const Circumstances not_known;
  Clues clues{death, signal, not_known, around};
  verdict.rule = "parent-asked-to-exit";
  verdict.confidence = Confidence::likely;
  verdict.chain = {parents_step(signal)};
  verdict.initiator = initiator_of(verdict.chain, death.process);
  verdict.summary =
      phrase("{} ended with {} {} after its parent {} had been sent {} by {}", name_and_pid(death.process),
             status_text(death, nullptr, around), duration_text(death.boot - signal.boot), name_and_pid(*signal.target),
             signal_name(signal.number), sender_with_story(clues));
  verdict.evidence.push_back(phrase("of its parent: {}", evidence_of(signal)));
}

/// The status is its child's: the chain begins with the child's end. That it passed on the status was not seen.
void blame_childs_killer(Verdict& verdict, const Death& death, const KilledChild& child, const Surroundings& around) {
  verdict.chain = chain_of_childs_end(child, death, around);
  verdict.initiator = initiator_of(verdict.chain, death.process);
  verdict.evidence.push_back(evidence_of_childs_end(child));
}

Verdict by_itself(int wait_status) {
  Verdict verdict;
  verdict.cause = Cause::exit;
  verdict.rule = "exit-status";
  verdict.by = By::self;
  verdict.confidence = Confidence::certain;
  verdict.evidence.push_back(phrase("wait status {}: exit, status {}", fmt::format("{:#06x}", wait_status & 0xffff),
                                    WEXITSTATUS(wait_status)));
  return verdict;
}

}  // namespace

Verdict brief_end(const Process& process) {
  Verdict verdict = by_itself(0);
  auto text = phrase("{} ended by itself with {}", printable(name_and_pid(process)), phrase("exit status {}", 0));
  verdict.summary = phrase("{}.", text);
  return verdict;
}

Verdict judge_exit(const Death& death, const SignalHistory& history, const Surroundings& around) {
  Verdict verdict = by_itself(death.wait_status);
  int status = WEXITSTATUS(death.wait_status);
  auto wish = wish_of(death, history, around);
  if (wish) {
    blame(verdict, death, *wish, around);
  } else if (const auto* of_parent = wish_of_parent(death, around)) {
    blame_parents_asker(verdict, death, *of_parent, around);
  } else {
    auto child = child_of_status(status, around);
    auto name = name_and_pid(death.process);
    auto text = status_text(death, nullptr, around);
    verdict.summary = child ? phrase("{} ended with {}", name, text) : phrase("{} ended by itself with {}", name, text);
    auto calls = child ? std::string() : main_calls(death.process, death.frames);
    if (!calls.empty()) verdict.summary += phrase(", in {}", calls);
    add_calls(verdict, death.process, death.frames);
    if (child) blame_childs_killer(verdict, death, *child, around);
  }
  add_earlier(verdict, history, {wish ? wish->signal : nullptr});
  if (wish && verdict.initiator == wish->signal->sender)
    add_suspicions(verdict, verdict.initiator, wish->signal->ancestry);
  if (wish && !wish->certain) {
    verdict.evidence.push_back(
        phrase("likely: the signal came shortly before the exit; that it made the process end was not seen"));
  }
  add_loss(verdict, around.lost);
  return verdict;
}

}  // namespace stapkill
