#pragma once

#include <optional>
#include <string>

#include "cli/why/living.h"
#include "store/history_reader.h"

namespace stapkill {

/// Why there is no answer, as an error: what the history covers, what was not seen, and which names are near.
/// `word`: the bare word, or the name that an option gave; "" where there is none. `not_seen`: that the recorder does
/// not watch now, or empty.
Error nothing_found(const std::string& word, const DeathQuery& query, HistoryReader& history,
                    const std::optional<Living>& living, const Phrase& not_seen);

}  // namespace stapkill
