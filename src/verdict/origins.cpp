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
Phrase job_text(const Origin& origin, const Lookups& lookups) {
  auto scheduler = name_and_pid(origin.process);
  auto command = inline_command(origin.below);
  if (command.empty() && lookups.at_job && name_of_program(origin.process) == "atd")
    command = lookups.at_job(origin.below).value_or("");
  // PAM logs the owner of a job in (cron and atd have pam_loginuid). Nobody asks on whose behalf root's run.
  const auto& login = origin.below.login;
  if (login && login->uid > 0) {
    auto user = user_of(origin.below);
    return command.empty() ? phrase(", a job of {} for {}", scheduler, user)
                           : phrase(", a job of {} for {}: {}", scheduler, user, command);
  }
  return command.empty() ? phrase(", a job of {}", scheduler) : phrase(", a job of {}: {}", scheduler, command);
}

/// A login whose daemon the sentence names already.
Phrase login_of_user(const std::string& user, const std::string& peer) {
  if (user.empty()) return peer.empty() ? phrase(", in a login") : phrase(", in a login from {}", peer);
  return peer.empty() ? phrase(", in a login of {}", user) : phrase(", in a login of {} from {}", user, peer);
}

Phrase login_by(const std::string& daemon, const std::string& user, const std::string& peer) {
  if (user.empty()) {
    return peer.empty() ? phrase(", in a login by {}", daemon) : phrase(", in a login by {} from {}", daemon, peer);
  }
  return peer.empty() ? phrase(", in a login by {} of {}", daemon, user)
                      : phrase(", in a login by {} of {} from {}", daemon, user, peer);
}

Phrase login_text(const Origin& origin, const Lookups& lookups, bool named = false) {
  // The user is that of the child: the daemon's own process of a session stays root's.
  const auto& below = origin.below;
  auto user = below.uid ? below.user.value_or("uid " + std::to_string(*below.uid)) : std::string();
  auto peer = lookups.peer_of ? lookups.peer_of(origin.process).value_or("") : std::string();
  return named ? login_of_user(user, peer) : login_by(name_and_pid(origin.process), user, peer);
}

/// A unit, and the timer that starts it.
struct UnitAndTimer {
  std::string unit, timer;  ///< "" for none
};

UnitAndTimer unit_and_timer(const Process& process, const Lookups& lookups) {
  auto unit = unit_of(process.cgroup);
  // A service manager itself is in init.scope (systemd.special(7)): a user's in that user's unit.
  if (unit == kManagersOwn) unit = outermost_unit_of(process.cgroup);
  if (!unit || unit == kManagersOwn) return {};
  constexpr std::string_view service = ".service";
  if (!unit->ends_with(service) || !lookups.has_unit) return {*unit, ""};
  auto timer = unit->substr(0, unit->size() - service.size()) + ".timer";
  return {*unit, lookups.has_unit(timer) ? timer : ""};
}

/// ", started by systemd(1) in clean.service, which clean.timer starts".
Phrase unit_text(const Origin& origin, const Lookups& lookups) {
  auto [unit, timer] = unit_and_timer(origin.below, lookups);
  if (unit.empty()) return {};
  auto manager = name_and_pid(origin.process);
  return timer.empty() ? phrase(", started by {} in {}", manager, unit)
                       : phrase(", started by {} in {}, which {} starts", manager, unit, timer);
}

/// The id or the name of a process's container; "" outside of containers.
std::string container_name_of(const Process& process) {
  auto container = container_of(process.cgroup);
  if (!container) return {};
  // Ids are truncated as docker and crictl print them; names are not.
  return is_container_id(container->id) ? container->id.substr(0, 12) : container->id;
}

/// A client that a daemon runs for its own purposes (runc, by a shim) tells no more than the daemon.
Phrase client_text(const Origin& origin) {
  bool of_a_daemon = origin.above && kind_of(*origin.above) == Kind::runtime;
  auto container = of_a_daemon ? container_name_of(origin.below) : "";
  return container.empty() ? "" : phrase(", in container {}", container);
}

/// A child of a runtime is either a container's process or the runtime's own.
Phrase runtime_text(const Origin& origin) {
  auto container = container_name_of(origin.below);
  return container.empty() ? phrase(", started by the container runtime {}", name_and_pid(origin.process))
                           : phrase(", in container {}", container);
}

Phrase manager_text(const Deed& deed) {
  // Pid 1 has the outermost units; inner ones belong to a user's manager or a container.
  auto unit = deed.killer.pid == 1 ? outermost_unit_of(deed.victim.cgroup) : unit_of(deed.victim.cgroup);
  if (!unit) return phrase(", the service manager");
  auto name = with_short_ids(*unit);
  return stops(deed.number) ? phrase(", the service manager, which stops {}", name)
                            : phrase(", the service manager, for {}", name);
}

/// Before its time is over, timeout only passes on a signal that it was sent.
Phrase timeout_text(const Deed& deed) {
  auto command = command_line(deed.killer);
  return time_limit_is_over(deed.killer, deed.boot) ? phrase(", whose time was over ({})", command)
                                                    : phrase(", which runs it with a time limit ({})", command);
}

/// "ssh from 192.0.2.7", as the machine has it.
Phrase way_and_peer(const std::string& origin) {
  constexpr std::string_view from = " from ";
  auto at = origin.find(from);
  if (at == std::string::npos) return origin;
  return phrase("{} from {}", origin.substr(0, at), origin.substr(at + from.size()));
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

Phrase origin_text(const Origin& origin, const Lookups& lookups) {
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
      return runtime_text(origin) + (is_client(origin.below) ? Phrase() : login_note(origin.below, lookups));
    case Kind::runtime_client:
      return client_text(origin);
    case Kind::supervisor:
      return phrase(", started by the service manager {}", name_and_pid(origin.process)) +
             login_note(origin.below, lookups);
    default:
      return {};
  }
}

Phrase own_text(const Deed& deed) {
  if (deed.killer.pid == deed.victim.pid && deed.killer.start == deed.victim.start) return {};
  if (name_of_program(deed.killer) == "timeout") return timeout_text(deed);
  auto kind = kind_of(deed.killer);
  if (!kind) return {};
  switch (*kind) {
    case Kind::runtime:
    case Kind::runtime_client: {
      auto container = container_name_of(deed.victim);
      return container.empty() ? phrase(", the container runtime")
                               : phrase(", the container runtime of container {}", container);
    }
    case Kind::supervisor:
      return phrase(", a service manager");
    case Kind::memory_guard:
      return phrase(", which kills when memory runs short");
    case Kind::manager:
      return manager_text(deed);
    default:
      return {};
  }
}

Phrase place_text(const Process& process, const Lookups& lookups) {
  auto container = container_name_of(process);
  if (!container.empty()) return phrase(", in container {}", container);
  auto [unit, timer] = unit_and_timer(process, lookups);
  if (unit.empty()) return {};
  return timer.empty() ? phrase(", in {}", unit) : phrase(", in {}, which {} starts", unit, timer);
}

Phrase cgroup_text(const Process& process) {
  auto container = container_name_of(process);
  if (!container.empty()) return phrase(" in its container {} or above", container);
  if (auto unit = unit_of(process.cgroup)) return phrase(" in its unit {} or above", *unit);
  bool known = process.cgroup && *process.cgroup != "/";
  return known ? phrase(" of its cgroup {} or one above", *process.cgroup) : "";
}

bool is_login(const Process& process) {
  return kind_of(process) == Kind::login;
}

Phrase login_of(const Process& process, const std::vector<ProcessPtr>& ancestry, const Process* named,
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

Phrase login_note(const Process& process, const Lookups& lookups) {
  if (!process.login) return {};
  if (!in_login(process)) {
    auto unit = container_of(process.cgroup) ? std::nullopt : unit_of(process.cgroup);
    return unit && unit->ends_with(".service") ? phrase(", no login: a service") : "";
  }
  auto origin = lookups.login_origin ? lookups.login_origin(process.login->session) : std::nullopt;
  auto user = user_of(process);
  return origin ? phrase(", in a login of {} ({})", user, way_and_peer(*origin)) : phrase(", in a login of {}", user);
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
