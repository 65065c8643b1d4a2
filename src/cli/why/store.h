#pragma once

#include <filesystem>

#include "base/phrase.h"
#include "cli/options.h"
#include "store/history_reader.h"

namespace stapkill {

/// The history that why reads.
struct WhyStore {
  std::filesystem::path directory;
  /// Of a captured host: nothing is looked up on this machine.
  HistoryReader::Origin origin = HistoryReader::Origin::this_host;
};

/// From --store and --root. Below a root no symbolic link leads out of it.
Result<WhyStore> why_store(const Arguments& arguments);

/// "no recorder has watched since …", where that is so; "" where one watches, and for a captured host.
Phrase unwatched_text(const WhyStore& store, HistoryReader& history, Time now);

}  // namespace stapkill
