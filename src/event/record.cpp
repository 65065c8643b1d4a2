#include "event/record.h"

#include <array>

namespace stapkill {

std::string_view name_of(SignalResult result) {
  constexpr std::string_view names[] = {"delivered", "ignored", "already_pending", "overflow", "info_lost"};
  return names[static_cast<int>(result)];
}

std::string_view name_of(By by) {
  constexpr std::string_view names[] = {"process", "kernel", "self"};
  return names[static_cast<int>(by)];
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
