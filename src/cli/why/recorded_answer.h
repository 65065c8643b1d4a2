#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/options.h"
#include "cli/why/living.h"
#include "cli/why/store.h"
#include "cli/why/text.h"

namespace stapkill {

/// What a recorder's history has, and what lives now.
struct RecordedAnswer {
  DeathQuery query;  ///< with the meaning of the bare word
  std::vector<StoredDeath> deaths;
  std::optional<Living> living;
  Phrase predecessor_words;  ///< where no death fits itself: what a predecessor of the living has in common with it
  Phrase remark;             ///< that the word fits something else, too; empty: it does not
};

/// Looks a query up; `word` is the bare word, null: none. Where nothing fits but something of that name lives, the
/// death of its predecessor is the answer.
RecordedAnswer ask_history(const std::string* word, DeathQuery query, const WhyStore& store, HistoryReader& history);

/// What lives, in relation to the death that is shown.
Beside beside_of(const RecordedAnswer& found, const StoredDeath& death);

}  // namespace stapkill
