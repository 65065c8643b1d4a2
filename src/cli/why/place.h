#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/phrase.h"
#include "store/history_reader.h"

namespace stapkill {

/// Where a process runs, and as what: what its predecessors and successors have in common with it.
struct Place {
  std::string comm;
  std::optional<std::string> exe, unit, container, name, pod;  ///< as in StoredDeath
};

Place place_of(const StoredDeath& death);

/// Whether a process that runs there fits what a query says of its names, unit, container and pod; its other words do
/// not count. The same rules as those of HistoryReader::find().
bool fits(const DeathQuery& query, const Place& place);

/// A query for other runs of the same thing, and what it asks for in words.
struct SameThing {
  DeathQuery query;
  Phrase words;  ///< "nginx of nginx.service"
};

/// Queries for other runs of what is there, the best first: the same container name, pod or unit with the same process
/// name, the same program, then others of the same container name, pod or service.
std::vector<SameThing> same_things(const Place& place);

/// "the same unit, nginx.service": what two places have in common; empty for nothing.
Phrase common_ground(const Place& one, const Place& other);

}  // namespace stapkill
