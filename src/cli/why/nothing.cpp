#include "cli/why/nothing.h"

#include "base/text.h"
#include "cli/times.h"
#include "cli/why/blind.h"
#include "cli/why/query.h"

namespace stapkill {
namespace {

constexpr std::size_t kMostNear = 6;

/// Which part of the time asked for the history has; empty for all of it.
Phrase outside_text(const DeathQuery& query, const std::pair<Time, Time>& covered) {
  if (query.since && *query.since > covered.second) return phrase("; it ends before the time that was asked for");
  if (query.until && *query.until < covered.first) return phrase("; it begins after the time that was asked for");
  return {};
}

Phrase unseen_text(const DeathQuery& query, HistoryReader& history) {
  auto covered = history.covered();
  if (!covered) return {};
  auto text = phrase(", which covers {} to {}{}", date_and_time(covered->first), date_and_time(covered->second),
                     outside_text(query, *covered));
  auto blind = history.blind(query.since.value_or(covered->first), query.until.value_or(covered->second));
  for (const auto& one : blind_texts(blind)) text += phrase("; {}", one);
  if (auto counted = counted_ends(blind))
    text += counted == 1 ? phrase("; {} clean end of short lives was only counted", counted)
                         : phrase("; {} clean ends of short lives were only counted", counted);
  return text;
}

bool is_number(const std::string& word) {
  return word.find_first_not_of("0123456789") == std::string::npos;
}

/// What else a number can be.
Phrase number_remedy(const std::string& word, DeathQuery query, HistoryReader& history) {
  query.pid = std::nullopt;
  for (const auto& meaning : meanings_of(word, query)) {
    if (history.count(meaning.query).deaths)
      return phrase("a number is a pid; as a {}: stapkill why --{} {}", meaning.what, meaning.what, word);
  }
  return {};
}

Phrase near_remedy(const std::string& word, HistoryReader& history) {
  std::string names;
  for (const auto& name : history.near(word, kMostNear)) {
    if (name != word) names += (names.empty() ? "" : ", ") + shell_word(name);
  }
  return names.empty() ? Phrase() : phrase("near it: {}", names);
}

}  // namespace

Error nothing_found(const std::string& word, const DeathQuery& query, HistoryReader& history,
                    const std::optional<Living>& living, const Phrase& not_seen) {
  auto text = phrase("no such death is in the history");
  if (!word.empty()) text = phrase("no death of '{}' is in the history", word);
  if (living) text = phrase("{}; no death of a predecessor is in the history", living_text(*living));
  text += unseen_text(query, history);
  if (!not_seen.empty()) text += phrase("; {}", not_seen);
  Phrase remedy;
  if (!word.empty() && !living)
    remedy = is_number(word) ? number_remedy(word, query, history) : near_remedy(word, history);
  return {text, remedy, "why.nothing", ErrorKind::not_found};
}

}  // namespace stapkill
