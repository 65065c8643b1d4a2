#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "autopsy/finding.h"

namespace stapkill {

/// The answer of `systemctl show` for one or more units: NAME=VALUE lines, units apart by an empty line (systemctl(1);
/// systemd 252, src/core/dbus-execute.c and src/core/dbus-service.c). `place`: for findings.
std::vector<Finding> show_findings(std::string_view text, const std::string& place);

/// The answer of `systemctl status` (systemd 252, src/systemctl/systemctl-show.c, print_status_info).
std::vector<Finding> status_findings(std::string_view text, const std::string& place);

/// Asks systemd of this machine for its units that failed, or wait for their restart: at most 50, and those of `wanted`
/// that exist. Nothing where another
/// program is pid 1.
void ask_failed_units(const std::vector<std::string>& wanted, Reading& reading);

}  // namespace stapkill
