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
