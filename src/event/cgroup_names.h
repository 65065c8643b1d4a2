#pragma once

#include <optional>
#include <string>

namespace stapkill {

/// The systemd unit that a cgroup path names: its last component that ends as units do (systemd.unit(5)).
std::optional<std::string> unit_of(const std::optional<std::string>& cgroup);

}  // namespace stapkill
