#pragma once

#include <vector>

#include "autopsy/finding.h"
#include "autopsy/host_files.h"

namespace stapkill {

/// Names the units of jobs that a text log has by their descriptions alone ("Stopping Web shop...": systemd to 248; the
/// journal has the name), by the host's unit files. A description that two units have names none.
void name_units(const HostFiles& files, std::vector<Finding>& findings);

}  // namespace stapkill
