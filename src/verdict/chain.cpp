#include "verdict/chain.h"

#include <algorithm>
#include <csignal>
#include <iterator>

namespace stapkill {
namespace {

/// How a cause appears in a chain. A cause without a row has no chain.
struct Row {
  Cause cause;
  ChainStep::What what;
  std::string_view through;  ///< empty: the system call
};
constexpr Row kRows[] = {
    {Cause::kill, ChainStep::What::signal, {}},
    {Cause::tkill, ChainStep::What::signal, {}},
    {Cause::sigqueue, ChainStep::What::signal, {}},
    {Cause::pidfd, ChainStep::What::signal, {}},
    {Cause::cgroup_kill, ChainStep::What::request, "cgroup.kill"},
    {Cause::sysrq, ChainStep::What::request, "sysrq"},
    {Cause::parent_death, ChainStep::What::exit, "PR_SET_PDEATHSIG"},
    {Cause::pidns_exit, ChainStep::What::exit, "pid namespace"},
    {Cause::tracer_exit, ChainStep::What::exit, "PTRACE_O_EXITKILL"},
    {Cause::tty_signal, ChainStep::What::signal, "terminal"},
    {Cause::tty_hangup, ChainStep::What::signal, "terminal"},
    {Cause::bpf, ChainStep::What::signal, "bpf_send_signal"},
    {Cause::oom_memcg, ChainStep::What::limit, "memory cgroup"},
    {Cause::oom_global, ChainStep::What::limit, "memory"},
};

std::optional<std::uint64_t> seq_of(const SignalRecord& signal) {
  return signal.seq ? std::optional(signal.seq) : std::nullopt;
}

std::string call_of(const SignalRecord& signal) {
  return signal.syscall ? std::string(signal.syscall->name) + "(2)" : std::string();
}

ChainStep step_of(const SignalRecord& signal) {
  ChainStep step;
  step.process = signal.sender;
  step.signal_seq = seq_of(signal);
  step.number = signal.number;
  step.through = call_of(signal);
  step.time = signal.time;
  step.ancestry = signal.ancestry;
  return step;
}

/// The signals that led to `signal` by being passed on. The oldest first.
std::vector<ChainStep> relayed(const SignalRecord& signal, const Surroundings& around, ChainStep& last) {
  std::vector<ChainStep> steps;
  const SignalRecord* at = &signal;
  for (int turn = 0; turn < kMostRelays; ++turn) {
    auto relay = relay_of(*at, around);
    if (!relay) break;
    ChainStep& passed = steps.empty() ? last : steps.back();
    if (passed.what == ChainStep::What::signal) passed.what = ChainStep::What::relay;
    steps.push_back(step_of(*relay->signal));
    if (!relay->certain) steps.back().confidence = Confidence::likely;
    at = relay->signal;
  }
  std::reverse(steps.begin(), steps.end());
  return steps;
}

}  // namespace

std::vector<ChainStep> chain_of(const Rule& rule, const Clues& clues) {
  const auto* row =
      std::find_if(std::begin(kRows), std::end(kRows), [&](const Row& one) { return one.cause == rule.cause; });
  if (row == std::end(kRows)) return {};
  ChainStep step = step_of(clues.signal);
  step.what = row->what;
  step.process = killer_by(rule, clues);
  if (!row->through.empty()) step.through = row->through;
  if (!step.process) step.ancestry = std::make_shared<std::vector<ProcessPtr>>();
  if (step.process && step.process == clues.around.asked_sysrq) step.ancestry = clues.around.sysrq_ancestry;
  if (!rule.missing.empty()) step.confidence = Confidence::likely;
  std::vector<ChainStep> chain;
  if (step.process == clues.signal.sender) chain = relayed(clues.signal, clues.around, step);
  if (const auto* mark = oom_before_stop(clues)) chain.insert(chain.begin(), oom_step(*mark, clues.death));
  chain.push_back(std::move(step));
  return chain;
}

std::optional<ChainStep> request_step(const SignalRecord& asked, const SignalRecord& kill) {
  bool itself = same_process(*asked.sender, *kill.sender);
  bool siblings = !asked.ancestry->empty() && !kill.ancestry->empty() && asked.ancestry->front()->pid != 1 &&
                  same_process(*asked.ancestry->front(), *kill.ancestry->front());
  if (!itself && !siblings) return std::nullopt;
  ChainStep step = step_of(asked);
  if (!itself) step.confidence = Confidence::likely;
  return step;
}

ChainStep oom_step(const OomMark& mark, const Death& death) {
  ChainStep step;
  step.what = ChainStep::What::limit;
  step.number = SIGKILL;
  step.through = is_for_some_limit(mark) ? "memory cgroup" : "memory";
  step.time = death.boot ? death.time - (death.boot - mark.at) : death.time;
  step.confidence = Confidence::likely;
  return step;
}

ChainStep parents_step(const SignalRecord& signal) {
  ChainStep step = step_of(signal);
  step.confidence = Confidence::likely;
  return step;
}

ChainStep handler_step(const SignalRecord& taken, const Death& death, const Surroundings& around) {
  ChainStep step;
  step.what = ChainStep::What::handler;
  step.process = taken.target;
  step.number = taken.number;
  step.time = death.time;
  step.ancestry = around.parents;
  return step;
}

ChainStep raise_step(const SignalRecord& raise) {
  ChainStep step = step_of(raise);
  step.what = ChainStep::What::handler;
  return step;
}

ProcessPtr initiator_of(const std::vector<ChainStep>& chain, const Process& dead) {
  for (const auto& step : chain) {
    if (step.process && !same_process(*step.process, dead)) return step.process;
  }
  return nullptr;
}

}  // namespace stapkill
