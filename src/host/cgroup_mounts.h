#pragma once

#include <string>
#include <vector>

namespace stapkill {

/// Mount points of cgroup hierarchies, from the text of /proc/self/mountinfo (proc(5)).
std::vector<std::string> cgroup_mounts(const std::string& mountinfo);

/// A cgroup's path from the root of its hierarchy; also takes its directory ("/sys/fs/cgroup/system.slice" is
/// "/system.slice", on both versions).
std::string without_cgroup_mount(const std::string& path);

}  // namespace stapkill
