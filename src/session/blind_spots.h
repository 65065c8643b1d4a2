#pragma once

#include <string>
#include <vector>

namespace stapkill {

/// What decides what a recorder can see on this machine.
struct Sight {
  std::string backend;              ///< "stap" or "bpf"
  std::vector<std::string> probes;  ///< that are attached, in the backend's own words
  bool root = true;                 ///< its effective user
  bool logins = true;               ///< the kernel keeps who logged in (audit)
  bool journal = true;              ///< there is a journalctl
  bool stacks = true;               ///< this build can follow stacks
};

/// What this process sees, with that backend.
Sight sight_here(std::string backend, std::vector<std::string> probes);

/// What the recorder may not see: a line for people each, with what is missing.
std::vector<std::string> blind_spots(const Sight& sight);

}  // namespace stapkill
