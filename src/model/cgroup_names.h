#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace stapkill {

/// The systemd unit that a cgroup path names: its last component with a unit's suffix (systemd.unit(5)).
std::optional<std::string> unit_of(const std::optional<std::string>& cgroup);

/// The first such component: the unit of the machine's own systemd. A user's or a container's systemd adds more below
/// it.
std::optional<std::string> outermost_unit_of(const std::optional<std::string>& cgroup);

/// Whether `path` is `cgroup` or lies below it; both are paths from the root of a hierarchy.
bool is_in_cgroup(std::string_view path, std::string_view cgroup);

/// Whether `path` is the cgroup of a systemd unit, or lies below it.
bool is_in_unit(std::string_view path, std::string_view unit);

}  // namespace stapkill
