#pragma once

#include <optional>
#include <string>

namespace stapkill {

/// The systemd unit that a cgroup path names: its last component that ends as units do (systemd.unit(5)).
std::optional<std::string> unit_of(const std::optional<std::string>& cgroup);

/// The container's id that a cgroup path names: the last run of 64 hexadecimal digits, as docker, containerd, CRI-O and
/// podman call them.
std::optional<std::string> container_id_of(const std::optional<std::string>& cgroup);

}  // namespace stapkill
