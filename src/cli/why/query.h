#pragma once

#include <string>

#include "cli/options.h"
#include "store/history_reader.h"

namespace stapkill {

/// The query of why's options, without its bare word. Usage errors name the wrong word.
Result<DeathQuery> why_query(const Arguments& arguments, Time now);

/// Whether a query says which process is meant, not only when or whose.
bool names_something(const DeathQuery& query);

/// What a bare word was taken as.
struct WordMeaning {
  DeathQuery query;                ///< with the word in it
  std::vector<StoredDeath> found;  ///< the deaths that fit, the latest first
  Phrase remark;                   ///< that the word fits something else, too; empty: it does not
};

/// Queries for what a bare word can mean, the most specific first: a number is a pid; another word a unit, container,
/// pod or process name, except what the query asks for already.
struct Meaning {
  std::string_view what;  ///< the option's name
  DeathQuery query;
};
std::vector<Meaning> meanings_of(const std::string& word, const DeathQuery& query);

/// The query with a bare word that is a number as its pid; else as it was.
DeathQuery number_read(const std::string& word, DeathQuery query);

/// Usage errors: an empty word, an impossible pid, a pid beside --pid, a word for which every meaning is taken.
Result<void> check_word(const std::string& word, const DeathQuery& query);

/// Looks up a bare word, which was checked, by the first meaning that has a death.
WordMeaning find_word(const std::string& word, const DeathQuery& query, HistoryReader& history);

}  // namespace stapkill
