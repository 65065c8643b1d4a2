#include "verdict/verdict.h"

#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>

#include "event/signals.h"
#include "event/time.h"
#include "verdict/story.h"

namespace stapkill {
namespace {

struct CallCause {
  std::string_view call;
  Cause cause;
};
constexpr CallCause kCallCauses[] = {
    {"kill", Cause::kill},
    {"tkill", Cause::tkill},
    {"tgkill", Cause::tkill},
    {"rt_sigqueueinfo", Cause::sigqueue},
    {"rt_tgsigqueueinfo", Cause::sigqueue},
    {"pidfd_send_signal", Cause::pidfd},
};

std::string call_text(const SignalRecord& signal) {
  if (!signal.syscall) return "no system call that sends signals";
  std::string text = std::string(signal.syscall->name) + "(2)";
  return signal.syscall->ret ? text + fmt::format(" = {}", *signal.syscall->ret) : text;
}

std::string evidence_of(const SignalRecord& signal) {
  return fmt::format("{} {} {}: {} by {}, si_code {}, {}", clock_time(signal.time), signal_name(signal.number),
                     name_of(signal.result), call_text(signal), name_and_pid(*signal.sender),
                     signal_code_name(signal.number, signal.code),
                     signal.by == By::process ? "asked for by it" : "from the kernel");
}

/// What came before, for the evidence: signals of other numbers that did not end the process by themselves.
void add_earlier(Verdict& verdict, const SignalHistory& history, int fatal) {
  for (const auto* past : history.all()) {
    if (past->record.number != fatal && !harmless_by_default(past->record.number)) {
      verdict.evidence.push_back("before: " + evidence_of(past->record));
    }
  }
}

Verdict judge_exit(const Process& process, int status, const SignalHistory& history) {
  Verdict verdict;
  verdict.cause = Cause::exit;
  verdict.by = By::self;
  verdict.confidence = Confidence::certain;
  int code = WEXITSTATUS(status);
  verdict.summary = fmt::format("{} ended by itself with exit status {}", name_and_pid(process), code);
  if (code > 128 && code <= 128 + 64) {
    verdict.summary += fmt::format(", which is no {}", signal_name(code - 128));
  }
  verdict.evidence.push_back(fmt::format("wait status {:#06x}: exit, status {}", status & 0xffff, code));
  add_earlier(verdict, history, 0);
  if (const auto* term = history.last(SIGTERM)) {
    verdict.summary += fmt::format(", after SIGTERM from {}", name_and_pid(*term->record.sender));
  }
  verdict.summary += '.';
  return verdict;
}

Verdict judge_unseen(const Process& process, int number, std::uint64_t lost) {
  Verdict verdict;
  verdict.summary =
      fmt::format("{} was killed by {}; who sent it was not seen", name_and_pid(process), signal_name(number));
  verdict.summary += lost ? fmt::format(" ({} events were lost).", lost) : ".";
  verdict.evidence.push_back(fmt::format("no {} for it passed the signal_generate tracepoint", signal_name(number)));
  return verdict;
}

}  // namespace

void SignalHistory::add(const SignalRecord& record, bool printed) {
  if (record.result == SignalResult::ignored || record.result == SignalResult::overflow) return;
  // The first of two that wait is the one that is delivered.
  if (record.result == SignalResult::already_pending && by_number_.count(record.number)) return;
  by_number_[record.number] = {record, printed};
}

const SignalHistory::Past* SignalHistory::last(int number) const {
  auto at = by_number_.find(number);
  return at == by_number_.end() ? nullptr : &at->second;
}

void SignalHistory::mark_oom_victim(int tid) {
  const auto* kill = last(SIGKILL);
  oom_victim_ = oom_victim_ || (kill && kill->record.by == By::kernel && kill->record.target_tid == tid);
}

std::vector<const SignalHistory::Past*> SignalHistory::all() const {
  std::vector<const Past*> pasts;
  for (const auto& [number, past] : by_number_) pasts.push_back(&past);
  std::sort(pasts.begin(), pasts.end(), [](auto* a, auto* b) { return a->record.time < b->record.time; });
  return pasts;
}

Cause cause_of(const SignalRecord& signal) {
  if (signal.by != By::process || !signal.syscall) return Cause::unknown;
  if (signal.sender->pid == signal.target->pid && signal.sender->start == signal.target->start) return Cause::self;
  for (const auto& row : kCallCauses) {
    if (row.call == signal.syscall->name) return row.cause;
  }
  return Cause::unknown;
}

Verdict judge(const Process& process, int wait_status, const SignalHistory& history, std::uint64_t lost) {
  if (WIFEXITED(wait_status)) return judge_exit(process, wait_status, history);
  int number = WTERMSIG(wait_status);
  const auto* fatal = history.last(number);
  if (!fatal) return judge_unseen(process, number, lost);

  const SignalRecord& signal = fatal->record;
  Verdict verdict;
  verdict.cause = cause_of(signal);
  if (fatal->printed) verdict.signal_seq = signal.seq;
  verdict.evidence.push_back(fmt::format("wait status {:#04x}: killed by {}{}", wait_status & 0xff, signal_name(number),
                                         WCOREDUMP(wait_status) ? ", core dumped" : ""));
  verdict.evidence.push_back(evidence_of(signal));
  add_earlier(verdict, history, number);
  if (verdict.cause == Cause::unknown && number == SIGKILL && history.oom_victim()) {
    verdict.evidence.push_back("mark_victim: the kernel's out-of-memory killer chose it");
    verdict.summary = fmt::format(
        "{} was killed by SIGKILL from the kernel's out-of-memory killer, while {} ran; whether the machine's "
        "memory or a cgroup's was used up is not known.",
        name_and_pid(process), name_and_pid(*signal.sender));
    return verdict;
  }
  if (verdict.cause == Cause::unknown) {
    verdict.summary =
        fmt::format("{} was killed by {}, which the kernel generated while {} ran (si_code {}).", name_and_pid(process),
                    signal_name(number), name_and_pid(*signal.sender), signal_code_name(number, signal.code));
    return verdict;
  }
  verdict.confidence = lost ? Confidence::likely : Confidence::certain;
  if (lost) verdict.evidence.push_back(fmt::format("{} events were lost before it", lost));
  verdict.killer = signal.sender;
  verdict.by = verdict.cause == Cause::self ? By::self : By::process;
  if (verdict.cause == Cause::self) {
    verdict.summary = fmt::format("{} killed itself with {}", name_and_pid(process), signal_name(number));
    verdict.summary += fmt::format(" ({}){}.", call_text(signal), story_behind(process, *signal.ancestry));
  } else {
    verdict.summary = fmt::format("{} was killed by {} from {}{}.", name_and_pid(process), signal_name(number),
                                  name_and_pid(*signal.sender), story_behind(*signal.sender, *signal.ancestry));
  }
  return verdict;
}

}  // namespace stapkill
