#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/containers.h"

namespace stapkill {

/// A container with processes in it now.
struct LivingContainer {
  Container container;
  std::size_t processes = 0;  ///< those of containers inside it too
};

/// Living containers of this machine, from the cgroups of its processes (of another root with `proc`); sorted by id. A
/// container whose processes all end during the call may be missing.
std::vector<LivingContainer> living_containers(const std::string& proc = "/proc");

/// The containers that hold a process, from the text of its /proc/PID/cgroup: by the hierarchy that shows most of them.
/// On a host with both cgroup versions a runtime may use only one.
std::vector<Container> containers_of_process(std::string_view proc_cgroup);

}  // namespace stapkill
