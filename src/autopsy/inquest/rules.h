#pragma once

#include <span>
#include <string_view>

#include "autopsy/inquest/death.h"

namespace stapkill {

/// One way to conclude why a process ended. Rules are tried in the table's order; the first that concludes decides.
struct InquestRule {
  std::string_view name;
  std::optional<Conclusion> (*conclude)(const FoundDeath& death, const Evidence& evidence);
};

std::span<const InquestRule> inquest_rules();

/// Concludes about a complete death, and states what its sources say against each other. The last rule always
/// concludes: its cause is `unknown`. `certain` only by a source that names exactly this process and can be about no
/// other one, with no source against it.
void conclude(FoundDeath& death, const Evidence& evidence);

/// For one who asks about the unit: that a concluded death is of its `likely_unit` is not certain.
void doubt_unit(FoundDeath& death);

}  // namespace stapkill
