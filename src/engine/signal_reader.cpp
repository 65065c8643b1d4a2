#include "engine/signal_reader.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "base/signals.h"
#include "base/syscalls.h"

namespace stapkill {
namespace {

constexpr int kTimerCode = -2;  // SI_TIMER

/// The target of a call, from its first argument (kill(2), tkill(2), rt_sigqueueinfo(2)).
std::optional<Aim> aim_of(std::string_view call, std::optional<std::int64_t> pid) {
  if (call == "tkill" || call == "tgkill" || call == "rt_tgsigqueueinfo") return Aim::thread;
  if (call != "kill") return Aim::process;
  if (!pid) return std::nullopt;
  return *pid > 0 ? Aim::process : *pid == 0 ? Aim::own_group : *pid == -1 ? Aim::everyone : Aim::group;
}

bool can_say_any_code(std::string_view call) {
  return call == "rt_sigqueueinfo" || call == "rt_tgsigqueueinfo" || call == "pidfd_send_signal";
}

}  // namespace

void SignalReader::code(int cpu, const kernel::Code& code) {
  auto& parts = stacks_[cpu];
  auto& all = parts.code;
  // Addresses ascend: the mappings of a task whose stack was lost are not those of the next one.
  if (!all.empty() && code.mapping.start <= all.back().start) parts = {};
  if (all.size() < kMostCode) all.push_back(code.mapping);
}

void SignalReader::memory(int cpu, const kernel::Memory& memory) {
  auto& all = stacks_[cpu].memory;
  if (all.size() < kMostMemory) all.push_back(memory);
}

void SignalReader::stack(int cpu, const kernel::Stack& stack) {
  auto& parts = stacks_[cpu];
  parts.top = stack.top;
  if (!stack.at_exit) return;
  if (exits_.size() >= kMostExits) exits_.clear();
  exits_[{stack.top->pid, stack.top->process_start}] = whole(std::move(parts));
  stacks_.erase(cpu);
}

std::optional<UserStack> SignalReader::stack_at_exit(const ProcessKey& process) {
  auto found = exits_.extract(process);
  return found ? std::optional(std::move(found.mapped())) : std::nullopt;
}

std::optional<UserStack> SignalReader::stack_of(int cpu, const kernel::Signal& signal) {
  if (!signal.own_context) return std::nullopt;  // an interrupt came in between
  auto found = stacks_.extract(cpu);
  if (!found || !found.mapped().top || found.mapped().top->tid != signal.task.tid) return std::nullopt;
  return whole(std::move(found.mapped()));
}

UserStack SignalReader::whole(Parts parts) {
  UserStack stack = *parts.top;
  stack.code = std::move(parts.code);
  for (const auto& part : parts.memory) {
    if (part.address == stack.from + stack.memory.size()) stack.memory += part.bytes;
  }
  return stack;
}

SignalRecord SignalReader::read(const kernel::Signal& event, int cpu, Time boot, Time time) {
  SignalRecord record;
  record.boot = boot;
  record.time = time;
  record.number = event.number;
  record.code = event.code;
  record.result = static_cast<SignalResult>(std::clamp(event.result, 0, 4));
  record.sender = lineage_.find_at(event.task, event.bash);
  record.target = lineage_.find(event.target);
  record.sender_tid = event.task.tid;
  record.target_tid = event.target.tid;
  record.own_context = event.own_context;
  record.sender_exiting = event.exiting;
  record.blocked = event.blocked;
  record.handled = event.handled;
  record.refused = event.refused;
  if (auto seen = seen_.extract(cpu);
      seen && seen.mapped() && seen.mapped()->target_tid == event.target.tid && seen.mapped()->signal == event.number) {
    record.seen = std::move(seen.mapped());
  }
  // A sender that ends is in no call, whatever its registers say.
  auto call = event.own_context && !event.exiting ? sending_syscall(event.call, event.compat) : std::string_view();
  // System calls give SI_USER and negative codes; the kernel's own codes are positive, and SI_TIMER (sigaction(2)).
  // sigqueue can set any code: then the stack shows the call or, where that was lost, the sender's registers.
  bool queued = record.seen && !record.seen->stack.empty()
                    ? record.seen->in({"do_rt_sigqueueinfo", "do_rt_tgsigqueueinfo", "__x64_sys_rt_sigqueueinfo",
                                       "__x64_sys_rt_tgsigqueueinfo", "__x64_sys_pidfd_send_signal"})
                    : !harmless_by_default(event.number) && can_say_any_code(call);
  if (!call.empty() && ((event.code <= 0 && event.code != kTimerCode) || queued)) {
    record.by = By::process;
    record.syscall = Syscall{call, std::nullopt, event.aim, aim_of(call, event.aim)};
  }
  record.ancestry = lineage_.ancestry(event.task, event.ancestors);
  return record;
}

}  // namespace stapkill
