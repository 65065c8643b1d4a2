#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "model/record.h"
#include "verdict/origins.h"

namespace stapkill {

/// A process connected to a manager's socket (model/managers.h).
struct Request {
  ProcessPtr client;
  Ancestry ancestry;      ///< of the client
  ProcessKey listener;    ///< who listens there; pid 0: not known
  std::string socket;     ///< its path
  Time time = 0;          ///< of the connection
  Time boot = 0;          ///< the same by CLOCK_BOOTTIME
  Time client_ended = 0;  ///< boot time; 0: it has not ended
};

/// The latest requests, the oldest first.
using Requests = std::deque<Request>;

/// What a process did to another, as the question of who asked for it.
struct Act {
  const Process& actor;
  const std::vector<ProcessPtr>& ancestry;  ///< of the actor
  const Process& victim;
  Time boot = 0;
};

/// A request that fits an act.
struct Asker {
  const Request* request = nullptr;
  bool certain = false;  ///< its command line names the victim's unit or container; else it only came right before
};

/// Who asked the manager that acted, or that ran the actor: the one whose command names the victim's unit or container,
/// else all that came right before and could have asked for it, two at most. Empty where the actor is no manager's, or
/// no request fits.
std::vector<Asker> who_asked(const Act& act, const Requests& requests, const Lookups& lookups);

/// A step of the chain for that request.
ChainStep step_of(const Asker& asked);

/// "docker.sock", "systemd", "D-Bus", else the last component of the socket's path.
std::string through_of(const Request& request);

}  // namespace stapkill
