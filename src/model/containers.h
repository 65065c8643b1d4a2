#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stapkill {

/// A container as the path of a cgroup names it. A path is only a claim: anybody who may create cgroups can choose such
/// a name.
struct Container {
  /// "docker", "containerd", "cri-o", "podman", "lxc" or "systemd-nspawn"; empty where the path does not say.
  std::string_view runtime;
  /// 64 hexadecimal digits; for LXC and systemd-nspawn the name, any bytes.
  std::string id;
  /// The Kubernetes pod's uid as the API has it (with dashes; that of a static pod has none); empty outside a pod.
  std::string pod_uid;

  bool operator==(const Container&) const = default;
};

/// The containers that hold a process in that cgroup, the outermost first. A path can be any bytes, with or without
/// /proc/PID/cgroup's " (deleted)" at its end. A container's monitor (conmon, LXC's monitor, the supervisor of
/// systemd-nspawn) is not in the container.
std::vector<Container> containers_in(std::string_view cgroup);

/// The innermost of them.
std::optional<Container> container_of(const std::optional<std::string>& cgroup);

/// The uid of the innermost pod that a cgroup is in, even where it is in none of the pod's containers.
std::optional<std::string> pod_uid_of(const std::optional<std::string>& cgroup);

/// Whether it is a container's id as docker, containerd, CRI-O and podman give them: 64 small hexadecimal digits.
bool is_container_id(std::string_view text);

/// The text with each container's id cut to 12 digits, as docker and crictl print them.
std::string with_short_ids(std::string_view text);

/// A pod's uid in its canonical form. Takes one written with '-' or '_', or the 32 digits of a static pod; none for
/// anything else.
std::optional<std::string> pod_uid(std::string_view text);

/// How often each of a pod's containers, by name, was started before its latest start.
using PodRuns = std::map<std::string, std::int64_t>;

}  // namespace stapkill
