#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/phrase.h"
#include "model/process.h"

namespace stapkill {

/// What only the machine knows, and only for a while. An empty function knows nothing.
struct Lookups {
  std::function<std::optional<std::string>(const Process&)> peer_of;  ///< the other end of its network connection
  std::function<bool(const std::string& unit)> has_unit;              ///< whether systemd has a unit file of that name
  /// Where the login with audit's number `session` came from: "ssh from 192.0.2.7".
  std::function<std::optional<std::string>(std::int64_t session)> login_origin;
  std::function<std::optional<std::string>(const std::string& id)> container_name;  ///< as its runtime keeps it
  /// "NAMESPACE/NAME" of the pod with that uid.
  std::function<std::optional<std::string>(const std::string& uid)> pod_name;
  std::function<ProcessPtr()> kubelet;                               ///< the node's; null: not known
  std::function<std::optional<std::string>(const Process&)> at_job;  ///< the file of the job of at(1) that it runs
  int own_pid = 0;                                                   ///< stapkill's own; 0: not known
};

/// The ancestor of a killer that explains it.
struct Origin {
  const Process& process;          ///< the ancestor
  const Process& below;            ///< its child on the way down to the killer, or the killer
  const Process* above = nullptr;  ///< its parent, where that is known
};

/// What a killer did.
struct Deed {
  const Process& killer;
  const Process& victim;
  int number = 0;         ///< of the signal
  std::int64_t boot = 0;  ///< when, in ns of CLOCK_BOOTTIME
};

/// Whether it starts jobs at set times, as cron and atd do.
bool is_scheduler(const Process& process);

/// Whether it is a client of a container runtime or a service manager, such as `docker stop web` and systemctl: it asks
/// for what somebody wants.
bool is_client(const Process& process);

/// Whether it is a container runtime's: `docker run` ends with its container's status.
bool is_runtime_client(const Process& process);

/// "timeout 5 sleep 600", truncated to fit a sentence, with ids of 12 digits.
std::string command_line(const Process& process);

/// The program among an interpreter's options (sh -c), truncated to fit a sentence; "" for another process.
std::string inline_command(const Process& process);

/// A well-known program as an origin: ", a job of cron(811): /opt/app/nightly". Empty for another program.
Phrase origin_text(const Origin& origin, const Lookups& lookups);

/// What the killer's own program explains: timeout(1) whose time was over, a container runtime, a service manager that
/// stops a unit. Empty for another program, and for one that killed itself.
Phrase own_text(const Deed& deed);

/// The container or unit of a process, by its cgroup: ", in clean.service". Empty outside of both.
Phrase place_text(const Process& process, const Lookups& lookups);

/// The cgroups that a process is in: " in its unit web.service or above". Empty where its cgroup is not known.
Phrase cgroup_text(const Process& process);

/// Whether it is a daemon for remote logins, or its process of one login.
bool is_login(const Process& process);

/// The login in which a process runs: ", in a login by sshd(12) of alice from 192.0.2.7"; without the daemon if that is
/// `named`, which the sentence names already. Empty outside of a login. The nearest ancestor comes first.
Phrase login_of(const Process& process, const std::vector<ProcessPtr>& ancestry, const Process* named,
                const Lookups& lookups);

/// Whether somebody logged in to start it, at whatever remove.
bool in_login(const Process& process);

/// How users log in by a daemon for remote logins: "ssh".
std::string way_of_login(const Process& daemon);

/// The login that a process was started from, whatever it left since: ", in a login of alice (ssh from 192.0.2.7)". For
/// a process of a service that nobody's login started ", no login: a service". Empty where neither is known.
Phrase login_note(const Process& process, const Lookups& lookups);

/// Whether it is a runtime's step on the way to a container's program, already in the container's cgroup. runc's last
/// step (named in libcontainer/nsenter/nsexec.c) and crun's child become that program by exec; the others end.
bool is_runtimes_step(const Process& process);

/// Whether it only runs commands for others, as sudo and xargs do.
bool passes_on(const Process& process);

/// Whether it is a container runtime's daemon, shim or monitor.
bool is_runtime(const Process& process);

/// Whether a container runtime sends a signal: itself, or by a program that it runs (runc kill). A process in a
/// container is a runtime's child, too, and acts for itself.
bool is_by_runtime(const Process& sender, const std::vector<ProcessPtr>& ancestry);

/// Whether it is a daemon that acts for others: of a container runtime, systemd, a supervisor.
bool is_manager(const Process& process);

/// Whether it is systemd, the machine's or a user's.
bool is_service_manager(const Process& process);

}  // namespace stapkill
