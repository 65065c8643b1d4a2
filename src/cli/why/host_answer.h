#pragma once

#include <memory>
#include <string>
#include <vector>

#include "autopsy/inquest/death.h"
#include "cli/options.h"
#include "host/distribution.h"
#include "store/history_reader.h"

namespace stapkill {

/// What the host itself keeps of a death, without a recorder.
struct HostAnswer {
  std::unique_ptr<Evidence> evidence = std::make_unique<Evidence>();  ///< `deaths` point into it
  std::vector<FoundDeath> deaths;                                     ///< judged, the latest first
  Distribution distribution;
  Time since = 0, until = 0;  ///< what was looked at
  bool from_files = false;    ///< only of the files of --source
};

/// Reads what the host of --root, else this one, keeps; with --source those files alone. `word` is the bare word; null:
/// none. The last day is read first, then the last 30 where nothing was found and no --since sets a limit; of a
/// captured host everything.
Result<HostAnswer> ask_host(const Arguments& arguments, const DeathQuery& query, const std::string* word, Time now);

}  // namespace stapkill
