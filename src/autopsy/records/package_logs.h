#pragma once

#include <string_view>

#include "autopsy/finding.h"
#include "autopsy/scope.h"
#include "autopsy/zone.h"

namespace stapkill {

/// A log of a package manager, in one of their forms. `newest`: no line is later (for stamps without a year).
/// apt's history.log (apt 2.x, apt-pkg/deb/dpkgpm.cc): paragraphs.
void take_apt_history(std::string_view text, const TimeZone& zone, std::string_view place,
                      std::vector<Finding>& findings);
/// A package a line; those within minutes of each other are one finding. Forms: dnf.rpm.log (dnf 4), yum.log (yum 3),
/// zypp/history (libzypp 17), apk.log (apk-tools 2.14), pacman.log (pacman 5 and 6).
void take_package_lines(std::string_view text, const TimeZone& zone, Time newest, std::string_view place,
                        std::vector<Finding>& findings);

/// The logs of all of them, the newest MiB of each.
void read_package_logs(const Scope& scope, Reading& reading);

}  // namespace stapkill
