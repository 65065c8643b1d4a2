#pragma once

#include <string>
#include <vector>

namespace stapkill {

/// Where hierarchies of cgroups are mounted: their paths, from the text of /proc/self/mountinfo (proc(5)).
std::vector<std::string> cgroup_mounts(const std::string& mountinfo);

/// A cgroup's path from the root of its hierarchy, given as that or as the directory that shows it
/// ("/sys/fs/cgroup/system.slice" is "/system.slice", on every version).
std::string without_cgroup_mount(const std::string& path);

}  // namespace stapkill
