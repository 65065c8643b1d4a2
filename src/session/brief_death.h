#pragma once

#include <string>

#include "model/record.h"
#include "session/redaction.h"
#include "store/stored_death.h"

namespace stapkill {

/// A clean end of a short-lived helper in a history's few columns: much smaller than its record.
StoredDeath brief_death(const DeathRecord& record, const Redaction& redaction);

/// Gives a brief death from a history its record (stapkill-stream(5)) and its summary: made from its columns, with what
/// they do not hold as null.
void complete_brief_death(StoredDeath& death);

/// Gives any death from a history the record and the summary that it had when it was stored.
void complete_death(StoredDeath& death);

}  // namespace stapkill
