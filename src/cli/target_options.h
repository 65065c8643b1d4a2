#pragma once

#include <array>
#include <cstdint>

#include "cli/options.h"
#include "engine/targets.h"
#include "sys/users.h"

namespace stapkill {

constexpr std::int64_t kMostPid = 4194304;  // PID_MAX_LIMIT, include/linux/threads.h

/// The options that name targets, for the commands that take them.
inline constexpr Option kTargetOptions[] = {
    {"pid", 'p', "N", true, msgid("this process"), "pid"},
    {"name", 'n', "REGEX", true, msgid("processes whose name (comm) matches"), "comm"},
    {"exe", 0, "PATH", true, msgid("processes that run this program")},
    {"cmdline", 0, "REGEX", true, msgid("processes whose command line matches")},
    {"uid", 0, "N|USER", true, msgid("processes of this user")},
    {"cgroup", 0, "PATH", true, msgid("processes in this cgroup or below it")},
    {"unit", 0, "NAME", true, msgid("processes of this systemd unit; .service is the default type"), "unit"},
    {"container", 0, "ID|NAME", true,
     msgid("processes of this container: its id, the beginning of its id, or its name")},
    {"pod", 0, "[NS/]NAME", true, msgid("processes of this Kubernetes pod, also of containers that it starts later")},
    {"all", 'a', "", false, msgid("every process")},
    {"children", 0, "", false, msgid("also watch what the targets fork")},
};

/// The rows of some tables, one after the other.
template <std::size_t... N>
constexpr std::array<Option, (N + ...)> joined(const Option (&... tables)[N]) {
  std::array<Option, (N + ...)> all{};
  std::size_t at = 0;
  auto take = [&](const auto& table) {
    for (const Option& row : table) all[at++] = row;
  };
  (take(tables), ...);
  return all;
}

/// The targets that the options above and --wait name, maybe none; containers and pods as given, not yet looked up.
/// `users` are those of the watched machine. A usage error names the wrong word.
Result<TargetOptions> named_targets(const Arguments& arguments, const Users& users);

/// Whether there is a target; a command counts.
bool names_somebody(const TargetOptions& targets);

}  // namespace stapkill
