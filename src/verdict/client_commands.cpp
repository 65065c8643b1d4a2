#include "verdict/client_commands.h"

#include <algorithm>
#include <iterator>
#include <string_view>

#include "base/text.h"
#include "verdict/process_words.h"

namespace stapkill {
namespace {

using Ends = ClientCommand::Ends;

struct Client {
  std::string_view programs;     ///< by their names, separated by spaces
  std::string_view named;        ///< verbs that end what the words after them name
  std::string_view everything;   ///< verbs that end more than they name
  std::string_view groups;       ///< words that may stand before a verb
  std::string_view others = {};  ///< verbs that may end what they do not name
  bool verb_anywhere = false;    ///< after any words, perhaps as the last part of one
};
// systemctl(1), machinectl(1), loginctl(1), halt(8); docker(1), podman(1), crictl's, ctr's and supervisorctl's help;
// pm2's.
constexpr Client kClients[] = {
    {"systemctl",
     "stop restart try-restart condrestart reload-or-restart try-reload-or-restart force-reload kill disable mask",
     "isolate default rescue emergency halt poweroff reboot kexec soft-reboot exit", "", "start"},
    {"busctl gdbus dbus-send qdbus",
     "StopUnit RestartUnit TryRestartUnit ReloadOrRestartUnit ReloadOrTryRestartUnit KillUnit",
     "PowerOff Reboot Halt KExec TerminateSession TerminateUser KillSession KillUser", "", "StartUnit", true},
    {"machinectl", "terminate poweroff stop reboot kill", "", ""},
    {"loginctl", "", "terminate-session terminate-user terminate-seat kill-session kill-user poweroff reboot halt", ""},
    {"docker podman nerdctl docker-compose podman-remote", "stop kill rm restart",
     "down prune up leave scale update upgrade rollback deploy",
     "container compose pod system stack service swarm network volume image"},
    {"crictl", "stop stopp rm rmp", "", ""},
    {"ctr", "kill rm delete remove", "", "task tasks t container containers c"},
    {"supervisorctl", "stop restart signal", "shutdown reload update remove", ""},
    {"pm2", "stop restart reload delete del gracefulReload", "kill update", ""},
    {"lxc incus", "stop restart delete", "", ""},
};
/// Programs that have no verb: to run them is to ask (halt(8), shutdown(8)).
constexpr std::string_view kWithoutVerb[] = {"shutdown", "poweroff", "reboot", "halt", "telinit", "init"};

std::string_view base_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

bool has_word(std::string_view words, std::string_view word) {
  for (auto rest = words; !rest.empty();) {
    auto one = rest.substr(0, rest.find(' '));
    if (one == word) return true;
    rest.remove_prefix(std::min(one.size() + 1, rest.size()));
  }
  return false;
}

/// The name that a program was called by; a script's instead of its interpreter's.
std::string called(const Process& process) {
  auto script = script_of(process);
  return std::string(base_name(script.empty() ? std::string_view(process.argv->front()) : script));
}

Ends verb_of(const Client& client, std::string_view word) {
  if (client.verb_anywhere) word = word.substr(word.rfind('.') + 1);  // "org.freedesktop.systemd1.Manager.StopUnit"
  if (has_word(client.named, word)) return Ends::named;
  if (has_word(client.others, word)) return Ends::others;
  return has_word(client.everything, word) ? Ends::everything : Ends::nothing;
}

/// The verb is the first word that is no option, no option's value and no group's name. A word after an option without
/// '=' counts as its value unless it is a verb.
ClientCommand command_of(const Client& client, const std::vector<std::string>& argv, std::size_t first) {
  ClientCommand command;
  bool maybe_value = false;
  for (std::size_t at = first; at < argv.size(); ++at) {
    std::string_view word = argv[at];
    if (command.ends != Ends::nothing) {
      if (!word.starts_with('-')) command.names.emplace_back(word);
    } else if (word.starts_with('-')) {
      maybe_value = word.find('=') == std::string_view::npos;
    } else {
      command.ends = verb_of(client, word);
      bool may_precede = maybe_value || client.verb_anywhere || has_word(client.groups, word);
      if (command.ends == Ends::nothing && !may_precede) break;
      maybe_value = false;
    }
  }
  return command;
}

}  // namespace

std::optional<ClientCommand> client_command(const Process& process) {
  if (!process.argv || process.argv->empty()) return std::nullopt;
  auto name = called(process);
  if (std::find(std::begin(kWithoutVerb), std::end(kWithoutVerb), name) != std::end(kWithoutVerb))
    return ClientCommand{Ends::everything, {}};
  const auto* client = std::find_if(std::begin(kClients), std::end(kClients),
                                    [&](const Client& row) { return has_word(row.programs, name); });
  if (client == std::end(kClients)) return std::nullopt;
  auto script = script_of(process);
  std::size_t first = 1;
  // An interpreter's own options and the script come first.
  while (!script.empty() && first < process.argv->size() && base_name((*process.argv)[first - 1]) != name) ++first;
  return command_of(*client, *process.argv, first);
}

}  // namespace stapkill
