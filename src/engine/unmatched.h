#pragma once

#include <vector>

#include "engine/roster.h"
#include "model/record.h"
#include "verdict/lineage.h"

namespace stapkill {

/// A warning, with similar names, for each --exe, --cgroup and --unit that no living process matches: after a typo the
/// user would wait for ever. `elsewhere`: some processes are watched for a cgroup in another hierarchy.
std::vector<DiagnosticRecord> unmatched(const TargetOptions& asked, const Lineage& lineage, bool elsewhere, Time now);

}  // namespace stapkill
