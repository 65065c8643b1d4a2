#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "autopsy/finding.h"
#include "autopsy/scope.h"

namespace stapkill {

/// The number after `key` in a flat keyed file of a cgroup ("oom_kill 3"; Documentation/admin-guide/cgroup-v2.rst,
/// "Flat keyed"); none where it has no such line.
std::optional<std::uint64_t> keyed_number(std::string_view text, std::string_view key);

/// Counters of the cgroups of this machine or tree, as `counter` findings; with a note. At most 5,000 directories and
/// 10 levels below a hierarchy's root.
void read_counters(const Scope& scope, Reading& reading);

}  // namespace stapkill
