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

/// What lives on this machine, by the cgroups of its processes alone (of another root with `proc`); sorted by id. Of a
/// container whose processes all end meanwhile it may tell or not.
std::vector<LivingContainer> living_containers(const std::string& proc = "/proc");

/// The containers that hold a process, from the text of its /proc/PID/cgroup: by that hierarchy which tells the most.
/// On a host with both cgroup versions a runtime may use only one of them.
std::vector<Container> containers_of_process(std::string_view proc_cgroup);

}  // namespace stapkill
