#pragma once

#include <string>
#include <vector>

#include "cli/command.h"
#include "store/stored_death.h"

namespace stapkill {

/// A row for each death, in the order given: time, process, cause, initiator. Rows are cut at the terminal's width.
std::string why_table(const std::vector<StoredDeath>& deaths, const Appearance& look);

}  // namespace stapkill
