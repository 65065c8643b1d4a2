#pragma once

#include <string>
#include <vector>

#include "cli/command.h"
#include "store/history_reader.h"

namespace stapkill {

/// What is known beside a death's record, in sentences; empty: nothing.
struct Beside {
  std::string before;    ///< above the answer: what lives, and that the dead was its predecessor
  std::string now;       ///< below it: what lives now
  std::string not_seen;  ///< that the recorder does not watch now
};

/// One death for a person: the sentence, the process's life in order of time, what ended since, what was not seen, and
/// the verdict's evidence where `verbose`.
std::string why_text(const StoredDeath& death, HistoryReader& history, const Beside& beside, const Appearance& look,
                     bool verbose);

}  // namespace stapkill
