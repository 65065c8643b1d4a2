#include "verdict/origins.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <iterator>
#include <string_view>

#include "base/text.h"
#include "model/cgroup_names.h"
#include "model/containers.h"
#include "verdict/process_words.h"
#include "verdict/time_limit.h"

namespace stapkill {
namespace {

/// A client acts for somebody who ran it; the others act for themselves, and end a story.
enum class Kind { scheduler, login, manager, runtime, runtime_client, manager_client, supervisor, memory_guard };

struct Program {
  std::string_view name;  ///< of its executable, else its comm; a '*' at the end matches any rest
  Kind kind;
  bool script = false;  ///< an interpreter runs it
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
    {"systemctl", Kind::manager_client},
    {"machinectl", Kind::manager_client},
    {"containerd-shim*", Kind::runtime},
    {"containerd", Kind::runtime},
    {"dockerd", Kind::runtime},
    {"conmon", Kind::runtime},
    {"crio", Kind::runtime},
    {"kubelet", Kind::runtime},
    {"lxc-start", Kind::runtime},
    {"docker", Kind::runtime_client},
    {"docker-compose", Kind::runtime_client},
    {"podman", Kind::runtime_client},
    {"nerdctl", Kind::runtime_client},
    {"crictl", Kind::runtime_client},
    {"ctr", Kind::runtime_client},
    {"runc", Kind::runtime_client},
    {"crun", Kind::runtime_client},
    {"lxc-attach", Kind::runtime_client},
    {"lxc-execute", Kind::runtime_client},
    {"lxc-stop", Kind::runtime_client},
    {"supervisord", Kind::supervisor, true},
    {"supervisorctl", Kind::manager_client, true},
    {"monit", Kind::supervisor},
    {"runsv", Kind::supervisor},
    {"runsvdir", Kind::supervisor},
    {"s6-supervise", Kind::supervisor},
    {"s6-svscan", Kind::supervisor},
    {"supervise", Kind::supervisor},
    {"start-stop-daemon", Kind::supervisor},
    {"circusd", Kind::supervisor, true},
    {"systemd-oomd", Kind::memory_guard},
    {"earlyoom", Kind::memory_guard},
    {"oomd", Kind::memory_guard},
    {"nohang", Kind::memory_guard, true},
};

/// Programs that only run commands for others: they explain nothing.
constexpr std::string_view kPassingOn[] = {
    "catatonit",       "chpst",     "chroot",  "chrt",    "doas",     "dumb-init", "entr",     "env",
    "faketime",        "find",      "flock",   "gmake",   "ionice",   "ltrace",    "make",     "nice",
    "ninja",           "nohup",     "nsenter", "numactl", "parallel", "perf",      "pkexec",   "prlimit",
    "rlwrap",          "run-parts", "run0",    "runuser", "script",   "setarch",   "setpriv",  "setsid",
    "setuidgid",       "sg",        "stdbuf",  "strace",  "su",       "sudo",      "sudo-rs",  "systemd-cat",
    "systemd-inhibit", "taskset",   "time",    "timeout", "tini",     "unshare",   "valgrind", "watch",
    "xargs",
};

constexpr std::size_t kShownCommand = 80;
constexpr std::string_view kManagersOwn = "init.scope";

/// systemd stops a unit with SIGTERM and SIGKILL. Another signal was asked for (systemctl kill), or has a reason that
/// is not visible (systemd.kill(5), WatchdogSignal=).
bool stops(int signal) {
  return signal == SIGTERM || signal == SIGKILL;
}

std::string_view program_of(const Process& process) {
  if (!process.exe) return process.comm;
  std::string_view path = *process.exe;
  path = path.substr(path.rfind('/') + 1);
  if (path.empty()) return process.comm;  // "/": it is mounted in no directory (crun's copy of itself)
  constexpr std::string_view deleted = " (deleted)";
  return path.ends_with(deleted) ? path.substr(0, path.size() - deleted.size()) : path;
}

/// The name of a program; for multi-call programs the name that it was called by.
std::string_view name_of_program(const Process& process) {
  auto name = program_of(process);
  return name == "busybox" || name == "coreutils" ? process.comm : name;
}

bool is_named(const Program& row, std::string_view name) {
  return row.name.ends_with('*') ? name.starts_with(row.name.substr(0, row.name.size() - 1)) : name == row.name;
}

/// `podman system service` answers requests over a socket, as a daemon does (podman-system-service(1)).
bool serves_podman(const Process& process) {
  constexpr std::array<std::string_view, 2> words = {"system", "service"};
  if (name_of_program(process) != "podman" || !process.argv) return false;
  return std::search(process.argv->begin(), process.argv->end(), words.begin(), words.end()) != process.argv->end();
}

std::optional<Kind> kind_of(const Process& process) {
  auto script = script_of(process);
  auto name = script.empty() ? name_of_program(process) : std::string_view(script).substr(script.rfind('/') + 1);
  const auto* at = std::find_if(std::begin(kPrograms), std::end(kPrograms), [&](const Program& row) {
    return (script.empty() || row.script) && is_named(row, name);
  });
  if (at == std::end(kPrograms)) return std::nullopt;
  return serves_podman(process) ? Kind::runtime : at->kind;
}

/// Truncated between two characters.
std::string shortened(std::string text) {
  if (text.size() <= kShownCommand) return text;
  std::size_t cut = kShownCommand;
  while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xc0) == 0x80) --cut;
  return text.substr(0, cut) + "...";
}

/// The words of a command as somebody typed it: a script's begin with its name.
std::vector<std::string> without_interpreter(const Process& process) {
  const auto& argv = *process.argv;
  auto script = script_of(process);
  auto at = script.empty() ? argv.begin() : std::find(argv.begin(), argv.end(), script);
  if (script.empty() || at == argv.end()) return argv;
  std::vector<std::string> words(at, argv.end());
  words.front() = script.substr(script.rfind('/') + 1);
  return words;
}

/// The user who logged in.
std::string user_of(const Process& process) {
  return process.login_user.value_or("uid " + std::to_string(process.login->uid));
}

/// A job of at(1) has no arguments: atd gives the shell its file as standard input (at 3.1.23 and 3.2.5, atd.c,
/// run_file).
std::string job_text(const Origin& origin, const Lookups& lookups) {
  std::string text = ", a job of " + name_and_pid(origin.process);
  // PAM logs the owner of a job in (cron and atd have pam_loginuid). Nobody asks on whose behalf root's run.
  const auto& login = origin.below.login;
  if (login && login->uid > 0) text += " for " + user_of(origin.below);
  auto command = inline_command(origin.below);
  if (command.empty() && lookups.at_job && name_of_program(origin.process) == "atd")
    command = lookups.at_job(origin.below).value_or("");
  return command.empty() ? text : text + ": " + command;
}

std::string login_text(const Origin& origin, const Lookups& lookups, bool named = false) {
  std::string text = named ? ", in a login" : ", in a login by " + name_and_pid(origin.process);
  // The user is that of the child: the daemon's own process of a session stays root's.
  if (origin.below.uid) {
    text += " of " + origin.below.user.value_or("uid " + std::to_string(*origin.below.uid));
  }
  auto peer = lookups.peer_of ? lookups.peer_of(origin.process) : std::nullopt;
  return peer ? text + " from " + *peer : text;
}

/// " in clean.service, which clean.timer starts".
std::string in_unit(const Process& process, const Lookups& lookups) {
  auto unit = unit_of(process.cgroup);
  // A service manager itself is in init.scope (systemd.special(7)): a user's in that user's unit.
  if (unit == kManagersOwn) unit = outermost_unit_of(process.cgroup);
  if (!unit || unit == kManagersOwn) return {};
  std::string text = " in " + *unit;
  constexpr std::string_view service = ".service";
  if (!unit->ends_with(service) || !lookups.has_unit) return text;
  auto timer = unit->substr(0, unit->size() - service.size()) + ".timer";
  return lookups.has_unit(timer) ? text + ", which " + timer + " starts" : text;
}

std::string unit_text(const Origin& origin, const Lookups& lookups) {
  auto unit = in_unit(origin.below, lookups);
  return unit.empty() ? unit : ", started by " + name_and_pid(origin.process) + unit;
}

/// "container 0123456789ab"; empty outside of containers.
std::string container_text(const Process& process) {
  auto container = container_of(process.cgroup);
  if (!container) return {};
  // Ids are truncated as docker and crictl print them; names are not.
  return "container " + (is_container_id(container->id) ? container->id.substr(0, 12) : container->id);
}

/// A client that a daemon runs for its own purposes (runc, by a shim) tells no more than the daemon.
std::string client_text(const Origin& origin) {
  bool of_a_daemon = origin.above && kind_of(*origin.above) == Kind::runtime;
  auto container = of_a_daemon ? container_text(origin.below) : "";
  return container.empty() ? container : ", in " + container;
}

/// A child of a runtime is either a container's process or the runtime's own.
std::string runtime_text(const Origin& origin) {
  auto container = container_text(origin.below);
  return container.empty() ? ", started by the container runtime " + name_and_pid(origin.process) : ", in " + container;
}

std::string manager_text(const Deed& deed) {
  std::string text = ", the service manager";
  // Pid 1 has the outermost units; inner ones belong to a user's manager or a container.
  auto unit = deed.killer.pid == 1 ? outermost_unit_of(deed.victim.cgroup) : unit_of(deed.victim.cgroup);
  if (!unit) return text;
  return text + (stops(deed.number) ? ", which stops " : ", for ") + with_short_ids(*unit);
}

/// Before its time is over, timeout only passes on a signal that it was sent.
std::string timeout_text(const Deed& deed) {
  bool over = time_limit_is_over(deed.killer, deed.boot);
  return (over ? ", whose time was over (" : ", which runs it with a time limit (") + command_line(deed.killer) + ")";
}

}  // namespace

bool is_client(const Process& process) {
  auto kind = kind_of(process);
  return kind == Kind::runtime_client || kind == Kind::manager_client;
}

bool is_runtime_client(const Process& process) {
  return kind_of(process) == Kind::runtime_client;
}

std::string command_line(const Process& process) {
  if (!process.argv) return process.comm;
  return shortened(with_short_ids(shell_words(without_interpreter(process))));
}

bool is_scheduler(const Process& process) {
  return kind_of(process) == Kind::scheduler;
}

std::string inline_command(const Process& process) {
  return shortened(with_short_ids(program_given_to(process)));
}

std::string origin_text(const Origin& origin, const Lookups& lookups) {
  auto kind = kind_of(origin.process);
  if (!kind) return {};
  switch (*kind) {
    case Kind::scheduler:
      return job_text(origin, lookups);
    case Kind::login:
      return login_text(origin, lookups);
    case Kind::manager: {
      auto text = unit_text(origin, lookups);
      return text.empty() ? text : text + login_note(origin.below, lookups);
    }
    case Kind::runtime:
      // What a runtime runs for itself (runc) acts for somebody who asked the runtime.
      return runtime_text(origin) + (is_client(origin.below) ? "" : login_note(origin.below, lookups));
    case Kind::runtime_client:
      return client_text(origin);
    case Kind::supervisor:
      return ", started by the service manager " + name_and_pid(origin.process) + login_note(origin.below, lookups);
    default:
      return {};
  }
}

std::string own_text(const Deed& deed) {
  if (deed.killer.pid == deed.victim.pid && deed.killer.start == deed.victim.start) return {};
  if (name_of_program(deed.killer) == "timeout") return timeout_text(deed);
  auto kind = kind_of(deed.killer);
  if (!kind) return {};
  switch (*kind) {
    case Kind::runtime:
    case Kind::runtime_client: {
      auto container = container_text(deed.victim);
      return ", the container runtime" + (container.empty() ? container : " of " + container);
    }
    case Kind::supervisor:
      return ", a service manager";
    case Kind::memory_guard:
      return ", which kills when memory runs short";
    case Kind::manager:
      return manager_text(deed);
    default:
      return {};
  }
}

std::string place_text(const Process& process, const Lookups& lookups) {
  auto container = container_text(process);
  if (!container.empty()) return ", in " + container;
  auto unit = in_unit(process, lookups);
  return unit.empty() ? unit : "," + unit;
}

std::string cgroup_text(const Process& process) {
  auto container = container_text(process);
  if (!container.empty()) return " in its " + container + " or above";
  if (auto unit = unit_of(process.cgroup)) return " in its unit " + *unit + " or above";
  bool known = process.cgroup && *process.cgroup != "/";
  return known ? " of its cgroup " + *process.cgroup + " or one above" : "";
}

bool is_login(const Process& process) {
  return kind_of(process) == Kind::login;
}

std::string login_of(const Process& process, const std::vector<ProcessPtr>& ancestry, const Process* named,
                     const Lookups& lookups) {
  const Process* below = &process;
  for (const auto& ancestor : ancestry) {
    if (is_login(*ancestor)) return login_text({*ancestor, *below}, lookups, named && same_process(*named, *ancestor));
    below = ancestor.get();
  }
  return {};
}

bool in_login(const Process& process) {
  return process.login && process.login->uid >= 0;
}

std::string way_of_login(const Process& daemon) {
  return program_of(daemon) == "in.telnetd" ? "telnet" : "ssh";
}

std::string login_note(const Process& process, const Lookups& lookups) {
  if (!process.login) return {};
  if (!in_login(process)) {
    auto unit = container_of(process.cgroup) ? std::nullopt : unit_of(process.cgroup);
    return unit && unit->ends_with(".service") ? ", no login: a service" : "";
  }
  auto origin = lookups.login_origin ? lookups.login_origin(process.login->session) : std::nullopt;
  return ", in a login of " + user_of(process) + (origin ? " (" + *origin + ")" : "");
}

bool is_runtimes_step(const Process& process) {
  if (process.comm.starts_with("runc:[")) return true;
  if (!process.argv || process.argv->empty()) return false;
  std::string_view program = process.argv->front();
  program.remove_prefix(std::min(program.rfind('/') + 1, program.size()));
  return program == "runc" || program == "crun";
}

bool passes_on(const Process& process) {
  auto name = name_of_program(process);
  return std::find(std::begin(kPassingOn), std::end(kPassingOn), name) != std::end(kPassingOn);
}

bool is_runtime(const Process& process) {
  return kind_of(process) == Kind::runtime;
}

bool is_by_runtime(const Process& sender, const std::vector<ProcessPtr>& ancestry) {
  if (is_runtime(sender)) return true;
  return !container_of(sender.cgroup) &&
         std::any_of(ancestry.begin(), ancestry.end(), [](const ProcessPtr& one) { return is_runtime(*one); });
}

bool is_manager(const Process& process) {
  auto kind = kind_of(process);
  return kind == Kind::runtime || kind == Kind::manager || kind == Kind::supervisor;
}

bool is_service_manager(const Process& process) {
  return kind_of(process) == Kind::manager;
}

}  // namespace stapkill
