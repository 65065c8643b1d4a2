#pragma once

#include <string>
#include <vector>

#include "base/phrase.h"
#include "base/time.h"
#include "store/stored_death.h"

namespace stapkill {

/// A process as a death's record names it; two of the same process are equal.
struct RecordedProcess {
  int pid = 0;
  std::string comm, start;  ///< start: RFC 3339

  bool operator==(const RecordedProcess&) const = default;
};

/// "kill(23549)"; "" for none (pid 0).
std::string name_of(const RecordedProcess& process);

/// STEP of stapkill-stream(5).
struct RecordedStep {
  Time time = 0;  ///< 0: not known
  std::string what, signal, through;
  RecordedProcess process;
  bool likely = false;
};

/// What a death's record says beyond the columns of a StoredDeath.
struct RecordedDeath {
  RecordedProcess process, parent;
  int status = 0;  ///< of exit
  std::vector<RecordedStep> chain;
  std::vector<RecordedProcess> ancestry;
  Phrase summary;  ///< as the record has it for all languages; see summary_of()
  std::vector<Phrase> evidence;
};

/// Reads a record's JSON. A store can be damaged or made up: what is missing, or is not what it should be, is left
/// empty.
RecordedDeath read_record(const std::string& json);

/// A death's sentence; `record` is its record.
Phrase summary_of(const StoredDeath& death, const RecordedDeath& record);

/// Whether a text is one JSON value, so that it can be part of JSON output.
bool is_json(const std::string& text);

}  // namespace stapkill
