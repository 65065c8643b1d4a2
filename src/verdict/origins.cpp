#include "verdict/origins.h"

#include <algorithm>
#include <iterator>
#include <string_view>

#include "event/cgroup_names.h"
#include "event/containers.h"
#include "event/text.h"
#include "sys/users.h"
#include "verdict/story.h"

namespace stapkill {
namespace {

enum class Kind { scheduler, login, manager, runtime, supervisor, timer, memory_guard, passes_on };

struct Program {
  std::string_view name;  ///< of its executable, or its comm where that is not known; a '*' at the end stands for more
  Kind kind;
};
constexpr Program kPrograms[] = {
    {"cron", Kind::scheduler},
    {"crond", Kind::scheduler},
    {"anacron", Kind::scheduler},
    {"atd", Kind::scheduler},
    {"fcron", Kind::scheduler},
    {"sshd", Kind::login},
    {"sshd-session", Kind::login},
    {"dropbear", Kind::login},
    {"in.telnetd", Kind::login},
    {"systemd", Kind::manager},
    {"containerd-shim*", Kind::runtime},
    {"containerd", Kind::runtime},
    {"dockerd", Kind::runtime},
    {"docker", Kind::runtime},
    {"conmon", Kind::runtime},
    {"podman", Kind::runtime},
    {"crio", Kind::runtime},
    {"runc", Kind::runtime},
    {"crun", Kind::runtime},
    {"kubelet", Kind::runtime},
    {"lxc-start", Kind::runtime},
    {"supervisord", Kind::supervisor},
    {"monit", Kind::supervisor},
    {"runsv", Kind::supervisor},
    {"runsvdir", Kind::supervisor},
    {"s6-supervise", Kind::supervisor},
    {"s6-svscan", Kind::supervisor},
    {"supervise", Kind::supervisor},
    {"start-stop-daemon", Kind::supervisor},
    {"circusd", Kind::supervisor},
    {"timeout", Kind::timer},
    {"systemd-oomd", Kind::memory_guard},
    {"earlyoom", Kind::memory_guard},
    {"oomd", Kind::memory_guard},
    {"nohang", Kind::memory_guard},
    {"sudo", Kind::passes_on},
    {"su", Kind::passes_on},
    {"doas", Kind::passes_on},
    {"pkexec", Kind::passes_on},
};

constexpr std::size_t kShownCommand = 80;

std::string_view program_of(const Process& process) {
  if (!process.exe) return process.comm;
  std::string_view path = *process.exe;
  path = path.substr(path.rfind('/') + 1);
  constexpr std::string_view deleted = " (deleted)";
  return path.ends_with(deleted) ? path.substr(0, path.size() - deleted.size()) : path;
}

std::optional<Kind> kind_of(const Process& process) {
  auto name = program_of(process);
  if (name == "busybox" || name == "coreutils") name = process.comm;
  const auto* at = std::find_if(std::begin(kPrograms), std::end(kPrograms), [&](const Program& row) {
    return row.name.ends_with('*') ? name.starts_with(row.name.substr(0, row.name.size() - 1)) : name == row.name;
  });
  return at == std::end(kPrograms) ? std::nullopt : std::optional(at->kind);
}

std::string shortened(std::string text) {
  if (text.size() <= kShownCommand) return text;
  text.resize(kShownCommand);
  return text + "...";
}

/// What a shell was told to do by its -c; empty for another process.
std::string inline_command(const Process& process) {
  if (!is_interpreter(process) || !process.argv) return {};
  const auto& argv = *process.argv;
  auto at = std::find(argv.begin(), argv.end(), "-c");
  return at == argv.end() || at + 1 == argv.end() ? std::string() : shortened(*(at + 1));
}

std::string job_text(const Origin& origin) {
  std::string text = ", a job of " + name_and_pid(origin.process);
  auto command = inline_command(origin.below);
  return command.empty() ? text : text + ": " + command;
}

std::string login_text(const Origin& origin, const Lookups& lookups) {
  std::string text = ", in a login by " + name_and_pid(origin.process);
  // The user is that of what runs below: the daemon's own part of a session stays root's.
  if (origin.below.uid) {
    const auto& user = user_name(*origin.below.uid);
    text += " of " + user.value_or("uid " + std::to_string(*origin.below.uid));
  }
  auto peer = lookups.peer_of ? lookups.peer_of(origin.process) : std::nullopt;
  return peer ? text + " from " + *peer : text;
}

std::string unit_text(const Origin& origin, const Lookups& lookups) {
  auto unit = unit_of(origin.below.cgroup);
  if (!unit) return {};
  std::string text = ", started by " + name_and_pid(origin.process) + " in " + *unit;
  constexpr std::string_view service = ".service";
  if (!unit->ends_with(service) || !lookups.has_unit) return text;
  auto timer = unit->substr(0, unit->size() - service.size()) + ".timer";
  return lookups.has_unit(timer) ? text + ", which " + timer + " starts" : text;
}

std::string stopped_container(const Process& victim) {
  auto container = container_of(victim.cgroup);
  if (!container) return {};
  // An id is cut to what docker and crictl print; a name is a name.
  return " of container " + (is_container_id(container->id) ? container->id.substr(0, 12) : container->id);
}

/// "timeout 5 sleep 600".
std::string command_line(const Process& process) {
  return process.argv ? shortened(shell_words(*process.argv)) : process.comm;
}

}  // namespace

std::string origin_text(const Origin& origin, const Lookups& lookups) {
  auto kind = kind_of(origin.process);
  if (!kind) return {};
  switch (*kind) {
    case Kind::scheduler:
      return job_text(origin);
    case Kind::login:
      return login_text(origin, lookups);
    case Kind::manager:
      return unit_text(origin, lookups);
    case Kind::runtime:
      return ", for the container runtime " + name_and_pid(origin.process) + stopped_container(origin.victim);
    case Kind::supervisor:
      return ", for the service manager " + name_and_pid(origin.process);
    default:
      return {};
  }
}

std::string own_text(const Process& killer, const Process& victim) {
  auto kind = kind_of(killer);
  if (!kind) return {};
  switch (*kind) {
    case Kind::timer:
      return ", whose time was over (" + command_line(killer) + ")";
    case Kind::runtime:
      return ", the container runtime" + stopped_container(victim);
    case Kind::supervisor:
      return ", a service manager";
    case Kind::memory_guard:
      return ", which kills where memory runs short";
    case Kind::manager: {
      auto unit = unit_of(victim.cgroup);
      return unit ? ", the service manager, which stops " + *unit : ", the service manager";
    }
    default:
      return {};
  }
}

bool passes_on(const Process& process) {
  return kind_of(process) == Kind::passes_on;
}

}  // namespace stapkill
