#include "verdict/requests.h"

#include <fnmatch.h>

#include <algorithm>

#include "model/cgroup_names.h"
#include "model/containers.h"
#include "model/managers.h"
#include "verdict/client_commands.h"
#include "verdict/process_words.h"

namespace stapkill {
namespace {

using Ends = ClientCommand::Ends;

constexpr Time kSecond = 1'000'000'000;
constexpr Time kNear = 2 * kSecond;         // from an unnamed request to what it leads to
constexpr Time kWaiting = 10 * kSecond;     // the same, while a client waits for the end of what it asked for
constexpr Time kShutdown = 90 * kSecond;    // from a request to end everything: units have 90 s to stop
constexpr Time kAfterClient = 2 * kSecond;  // systemctl --no-block ends before the manager acts
constexpr std::size_t kMostNamed = 2;

/// The last component of the socket's path. supervisord binds its socket as NAME.PID, and then links it to NAME
/// (supervisor 4.2, http.py, supervisor_af_unix_http_server).
std::string_view name_of(const Request& request) {
  std::string_view name = std::string_view(request.socket).substr(request.socket.rfind('/') + 1);
  auto pid = '.' + std::to_string(request.listener.pid);
  return name.ends_with(pid) ? name.substr(0, name.size() - pid.size()) : name;
}

/// The manager that acts, and its process where that is known.
struct Acting {
  Manager manager;
  std::optional<ProcessKey> process;  ///< none: any process of that manager
  Time began = 0;                     ///< boot time when it began to act; 0: with the act itself
};

/// Whether a runtime's shim, or what it runs, serves dockerd: containerd keeps docker's containers in a namespace of
/// their own (dockerd(8), --containerd-namespace).
bool serves_docker(const Process& runtime) {
  return !runtime.argv || std::find(runtime.argv->begin(), runtime.argv->end(), "moby") != runtime.argv->end() ||
         runtime.comm == "dockerd";
}

Manager manager_of_container(const Process& runtime, const Process& victim) {
  auto container = container_of(victim.cgroup);
  if (!container) return serves_docker(runtime) ? Manager::docker : Manager::containerd;
  if (container->runtime == "docker") return Manager::docker;
  if (container->runtime == "podman") return Manager::podman;
  return container->runtime == "cri-o" ? Manager::crio : Manager::containerd;
}

std::optional<std::string> unit_for(const Process& manager, const Process& process) {
  return manager.pid == 1 ? outermost_unit_of(process.cgroup) : unit_of(process.cgroup);
}

/// A service manager that runs the actor, or what ran the actor (`below`), to stop the victim's unit: an ExecStop is in
/// the same unit. A process of that unit that runs anyway began before any request to stop it.
std::optional<Acting> by_exec_stop(const Process& manager, const Process& below, const Act& act) {
  constexpr Time tick = kSecond / 100;
  auto unit = unit_for(manager, act.actor);
  bool same_unit = unit && unit == unit_for(manager, act.victim) && !container_of(act.actor.cgroup);
  if (!same_unit) return std::nullopt;
  return Acting{Manager::systemd, key_of(manager), static_cast<Time>(below.start + 1) * tick};
}

/// The manager that acts by itself, or by a program that it runs.
std::optional<Acting> acting(const Act& act) {
  if (is_service_manager(act.actor)) return Acting{Manager::systemd, key_of(act.actor)};
  if (is_runtime(act.actor)) return Acting{manager_of_container(act.actor, act.victim), std::nullopt};
  const Process* below = &act.actor;
  for (const auto& ancestor : act.ancestry) {
    if (is_runtime(*ancestor)) {
      // A process in a container is a runtime's child, too, and acts for itself.
      bool for_runtime = is_runtime_client(act.actor) || !container_of(act.actor.cgroup);
      if (!for_runtime) return std::nullopt;
      return Acting{manager_of_container(*ancestor, act.victim), std::nullopt};
    }
    if (is_service_manager(*ancestor)) return by_exec_stop(*ancestor, *below, act);
    below = ancestor.get();
  }
  return std::nullopt;
}

/// Whether the actor listens at the socket itself, as supervisord does. systemd also listens for others
/// (docker.socket).
bool asks_the_actor(const Request& request, const Act& act) {
  const auto* socket = manager_socket(name_of(request));
  bool for_another = socket && socket->manager != Manager::systemd && is_service_manager(act.actor);
  return request.listener.pid && request.listener == key_of(act.actor) && !for_another;
}

/// Whether a socket is one at which that manager takes requests.
bool is_asked_at(const Request& request, const std::optional<Acting>& acting) {
  const auto* socket = manager_socket(name_of(request));
  if (!socket || !acting || socket->manager != acting->manager) return false;
  if (!socket->of_daemon && acting->manager == Manager::systemd) {
    // The system's bus leads to pid 1, a user's to that user's manager.
    bool users = request.socket.find("/user/") != std::string::npos;
    return users == (acting->process->pid != 1);
  }
  return !socket->of_daemon || !acting->process || request.listener == *acting->process;
}

/// "nginx" and "nginx.service" name the unit, "ngin*" does too (systemctl(1)).
bool names_unit(const std::string& word, const Process& victim) {
  for (const auto& unit : {outermost_unit_of(victim.cgroup), unit_of(victim.cgroup)}) {
    if (unit && (*unit == word || *unit == word + ".service" || ::fnmatch(word.c_str(), unit->c_str(), 0) == 0))
      return true;
  }
  return false;
}

/// ctr gives a container any name, and a cgroup of that name.
bool names_cgroup(const std::string& word, const Process& victim) {
  return victim.cgroup && victim.cgroup->substr(victim.cgroup->rfind('/') + 1) == word;
}

bool names_container(const std::string& word, const Process& victim, const Lookups& lookups) {
  auto container = container_of(victim.cgroup);
  if (word.empty()) return false;
  if (!container) return names_cgroup(word, victim);
  constexpr std::size_t short_id = 4;  // fewer digits could as well be a name
  if (container->id == word ||
      (word.size() >= short_id && is_container_id(container->id) && container->id.starts_with(word)))
    return true;
  auto name = lookups.container_name ? lookups.container_name(container->id) : std::nullopt;
  return name && *name == (word[0] == '/' ? word.substr(1) : word);
}

bool names_victim(const ClientCommand& command, const Act& act, const Lookups& lookups) {
  return command.ends == Ends::named &&
         std::any_of(command.names.begin(), command.names.end(), [&](const std::string& word) {
           return names_unit(word, act.victim) || names_container(word, act.victim, lookups);
         });
}

/// Whether the client had not ended, or only just.
bool client_was_there(const Request& request, Time then) {
  return request.boot <= then && (request.client_ended == 0 || then - request.client_ended <= kAfterClient);
}

/// A client that asks again and again asks for something else: it looks, as monitoring does.
bool is_habit(const Request& request, const Requests& all) {
  return std::any_of(all.begin(), all.end(), [&](const Request& other) {
    return request.boot - other.boot > kNear && same_process(*other.client, *request.client);
  });
}

/// Whether the client could have asked for it, by what is known of its command.
bool could_ask(const Request& request, Time then, const Requests& all) {
  auto command = client_command(*request.client);
  if (command && command->ends == Ends::nothing) return false;
  Time since = then - request.boot;
  if (command && command->ends == Ends::everything) return since <= kShutdown;
  if (command) return since <= (request.client_ended ? kNear : kWaiting);
  if (since > kNear) return false;
  // Everybody is on the bus; only somebody who logged in is taken for one who asks.
  const auto* socket = manager_socket(name_of(request));
  bool on_the_bus = socket && socket->through == "D-Bus";
  return !is_manager(*request.client) && !is_habit(request, all) && (!on_the_bus || in_login(*request.client));
}

}  // namespace

std::vector<Asker> who_asked(const Act& act, const Requests& requests, const Lookups& lookups) {
  auto manager = acting(act);
  Time began = manager && manager->began ? std::min(manager->began, act.boot) : act.boot;
  std::vector<Asker> named, near;
  for (auto at = requests.rbegin(); at != requests.rend(); ++at) {
    bool itself = same_process(*at->client, act.actor) || same_process(*at->client, act.victim);
    bool direct = asks_the_actor(*at, act);
    Time then = direct ? act.boot : began;
    if (itself || !client_was_there(*at, then) || !(direct || is_asked_at(*at, manager))) continue;
    auto repeats = [&](const Asker& one) { return same_process(*one.request->client, *at->client); };
    auto command = client_command(*at->client);
    auto& list = command && names_victim(*command, act, lookups) ? named : near;
    bool fits = &list == &named || could_ask(*at, then, requests);
    if (!fits || list.size() == kMostNamed || std::any_of(list.begin(), list.end(), repeats)) continue;
    list.push_back({&*at, &list == &named});
  }
  if (named.size() > 1) {
    for (auto& one : named) one.certain = false;  // either could be the one
  }
  return named.empty() ? near : named;
}

ChainStep step_of(const Asker& asked) {
  const Request& request = *asked.request;
  ChainStep step;
  step.what = ChainStep::What::request;
  step.process = request.client;
  step.through = through_of(request);
  step.time = request.time;
  step.confidence = asked.certain ? Confidence::certain : Confidence::likely;
  step.ancestry = request.ancestry;
  return step;
}

std::string through_of(const Request& request) {
  const auto* socket = manager_socket(name_of(request));
  return std::string(socket ? socket->through : name_of(request));
}

}  // namespace stapkill
