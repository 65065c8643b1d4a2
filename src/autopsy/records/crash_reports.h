#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "autopsy/finding.h"
#include "autopsy/scope.h"
#include "autopsy/zone.h"

namespace stapkill {

/// A report of apport as a finding: core, or note for an exception that ended an interpreter's program. None where it
/// is of another kind (a package's failure, a kernel's), or damaged. `owner`: of the file; a report that names another
/// user's process gives none, since anybody can write in /var/crash. None: the owner says nothing.
/// Source: apport data/apport, problem_report.py, versions 2.20 to 2.30.
std::optional<Finding> apport_finding(std::string_view report, const std::string& name, const TimeZone& zone,
                                      std::optional<std::int64_t> owner = {});

/// Ubuntu's /var/crash.
void read_apport(const Scope& scope, Reading& reading);

/// /var/spool/abrt and /var/tmp/abrt: a directory for each crash, a file for each fact. Source: abrt
/// src/hooks/abrt-hook-ccpp.c, libreport's problem_data.h, versions 2.0 (EL6) to 2.17.
void read_abrt(const Scope& scope, Reading& reading);

}  // namespace stapkill
