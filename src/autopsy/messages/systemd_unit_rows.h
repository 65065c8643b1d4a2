#pragma once

#include "autopsy/finding.h"
#include "autopsy/messages/patterns.h"

namespace stapkill {

/// A message of a service manager about a unit.
struct UnitRow {
  const char* pattern;  ///< what follows the unit's name, or in kJobRows and kManagerRows the whole message
  Finding::Kind kind;
  const char* reason;  ///< with_groups()
  /// Groups of the pattern; 0: none has it.
  struct Where {
    int pid = 0, comm = 0, signal = 0;
    int code = 0, status = 0;  ///< of a process' end: "exited", "killed" or "dumped", and its number
    int unit = 0;              ///< a unit with its description
  } where = {};
  enum class Only { any, system } only = Only::any;  ///< system: pid 1 alone writes it
};

/// The row that fits a message, with its groups; null: none.
struct UnitMatch {
  const UnitRow* row = nullptr;
  Patterns::Match match;
};

/// What a manager says of a unit, after its name.
UnitMatch match_unit_text(std::string_view text);

/// Jobs of a unit, which have its name or its description in their middle.
UnitMatch match_job(std::string_view message);

/// What a manager says of itself.
UnitMatch match_manager(std::string_view message);

/// Whether every pattern of the tables is right.
bool unit_rows_ok();

}  // namespace stapkill
