#include "model/record.h"

#include <array>
#include <csignal>

#include "base/signals.h"

namespace stapkill {
namespace {

/// A process can choose another signal than SIGCHLD for a child's end (clone(2)) and than SIGIO for a file (F_SETSIG,
/// fcntl(2)); the codes stay the same.
struct Kind {
  std::initializer_list<std::string_view> functions;
  int number;  ///< the signal that has these codes
};
const Kind kKinds[] = {
    {{"do_notify_parent", "do_notify_parent_cldstop"}, SIGCHLD},
    {{"send_sigio", "send_sigio_to_task"}, SIGIO},
};

}  // namespace

std::string code_name(const SignalRecord& record) {
  if (!record.code_word.empty()) return record.code_word;
  constexpr int kernel = 0x80;  // SI_KERNEL; it and codes up to 0 mean the same for every signal
  if (record.by != By::kernel || record.code <= 0 || record.code >= kernel)
    return signal_code_name(record.number, record.code);
  for (const auto& kind : kKinds) {
    if (record.seen && record.seen->in(kind.functions)) return signal_code_name(kind.number, record.code);
  }
  bool shown = record.seen && !record.seen->stack.empty();
  bool itself = record.sender->pid == record.target->pid && record.sender->start == record.target->start;
  bool own_kind = record.number == SIGCHLD || record.number == SIGIO;
  // A fault is a process's own; for any other signal only the stack shows what sent it.
  return shown || itself || own_kind ? signal_code_name(record.number, record.code) : std::to_string(record.code);
}

bool raised_by_itself(const SignalRecord& record) {
  return record.by == By::process && record.sender->pid == record.target->pid &&
         record.sender->start == record.target->start;
}

std::string_view name_of(SignalResult result) {
  constexpr std::string_view names[] = {msgid("delivered"), msgid("ignored"), msgid("already_pending"),
                                        msgid("overflow"), msgid("info_lost")};
  return names[static_cast<int>(result)];
}

std::string_view name_of(By by) {
  constexpr std::string_view names[] = {"process", "kernel", "self"};
  return names[static_cast<int>(by)];
}

std::string_view name_of(Aim aim) {
  constexpr std::string_view names[] = {"process", "group", "own-group", "everyone", "thread"};
  return names[static_cast<int>(aim)];
}

std::string_view name_of(ChainStep::What what) {
  constexpr std::string_view names[] = {"signal", "request", "exit", "limit", "relay", "handler"};
  return names[static_cast<int>(what)];
}

std::string_view name_of(Cause cause) {
  constexpr std::string_view names[] = {
      "exit",       "kill",        "tkill",       "sigqueue",     "pidfd",        "self",
      "fault",      "sigpipe",     "timer",       "rlimit-cpu",   "rlimit-fsize", "seccomp",
      "oom-global", "oom-memcg",   "cgroup-kill", "parent-death", "pidns-exit",   "tty-signal",
      "tty-hangup", "tracer-exit", "sysrq",       "bpf",          "unknown",
  };
  return names[static_cast<int>(cause)];
}

std::span<const Cause> all_causes() {
  static const auto causes = [] {
    std::array<Cause, static_cast<std::size_t>(Cause::unknown) + 1> all{};
    for (std::size_t at = 0; at < all.size(); ++at) all[at] = static_cast<Cause>(at);
    return all;
  }();
  return causes;
}

std::string_view name_of(Confidence confidence) {
  constexpr std::string_view names[] = {"certain", "likely", "unknown"};
  return names[static_cast<int>(confidence)];
}

std::string_view name_of(ContainerRecord::What what) {
  constexpr std::string_view names[] = {"present", "started", "restarted", "ended"};
  return names[static_cast<int>(what)];
}

}  // namespace stapkill
