#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "model/process.h"

namespace stapkill {

/// What only the machine can tell, while it still does. Functions that are empty know nothing.
struct Lookups {
  std::function<std::optional<std::string>(const Process&)> peer_of;  ///< the other end of its network connection
  std::function<bool(const std::string& unit)> has_unit;              ///< whether systemd has a unit file of that name
  std::function<std::optional<std::string>(const Process&)> at_job;   ///< the file of the job of at(1) that it runs
  int own_pid = 0;                                                    ///< stapkill's own; 0: not known
};

/// Where the way up to a killer's ancestors ends.
struct Origin {
  const Process& process;  ///< the ancestor
  const Process& below;    ///< its child on that way, or the killer
};

/// What a killer did.
struct Deed {
  const Process& killer;
  const Process& victim;
  int number = 0;         ///< of the signal
  std::int64_t boot = 0;  ///< when, in ns of CLOCK_BOOTTIME
};

/// Whether it starts jobs at their time, as cron and atd do.
bool is_scheduler(const Process& process);

/// What an interpreter was given among its options (sh -c), cut to what a sentence can hold; "" for another process.
std::string inline_command(const Process& process);

/// What a well-known program says as an origin: ", a job of cron(811): /opt/app/nightly". Empty for another program.
std::string origin_text(const Origin& origin, const Lookups& lookups);

/// What a killer's own program says: timeout(1) that ran out, a container runtime, the service manager that stops a
/// unit. Empty for another, and for one that killed itself.
std::string own_text(const Deed& deed);

/// The container or the unit in which a process runs, by its cgroup: ", in clean.service". Empty outside of both.
std::string place_text(const Process& process, const Lookups& lookups);

/// A cgroup of which a process is known to be in it or below it: " in its unit web.service or above". Empty where its
/// own is not known.
std::string cgroup_text(const Process& process);

/// Whether it is a daemon that lets people in from elsewhere, or its part of one login.
bool is_login(const Process& process);

/// The login in which a process runs: ", in a login by sshd(12) of alice from 192.0.2.7"; of one by `named`, which the
/// sentence names already, without that name. Empty where it runs in none. The nearest ancestor comes first.
std::string login_of(const Process& process, const std::vector<ProcessPtr>& ancestry, const Process* named,
                     const Lookups& lookups);

/// Whether it only runs what another asked for, as sudo and xargs do.
bool passes_on(const Process& process);

/// systemd, the machine's or a user's.
bool is_service_manager(const Process& process);

}  // namespace stapkill
