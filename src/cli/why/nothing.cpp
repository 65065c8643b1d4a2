#include "cli/why/nothing.h"

#include <fmt/format.h>

#include "base/text.h"
#include "cli/times.h"
#include "cli/why/blind.h"
#include "cli/why/query.h"

namespace stapkill {
namespace {

constexpr std::size_t kMostNear = 6;

/// Which part of the time asked for the history has; "" for all of it.
std::string outside_text(const DeathQuery& query, const std::pair<Time, Time>& covered) {
  if (query.since && *query.since > covered.second) return "; it ends before the time that was asked for";
  if (query.until && *query.until < covered.first) return "; it begins after the time that was asked for";
  return "";
}

std::string unseen_text(const DeathQuery& query, HistoryReader& history) {
  auto covered = history.covered();
  if (!covered) return "";
  auto text = fmt::format(", which covers {} to {}{}", date_and_time(covered->first), date_and_time(covered->second),
                          outside_text(query, *covered));
  auto blind = history.blind(query.since.value_or(covered->first), query.until.value_or(covered->second));
  for (const auto& one : blind_texts(blind)) text += "; " + one;
  if (auto counted = counted_ends(blind))
    text += fmt::format("; {} clean end{} of short lives {} only counted", counted, counted == 1 ? "" : "s",
                        counted == 1 ? "was" : "were");
  return text;
}

bool is_number(const std::string& word) {
  return word.find_first_not_of("0123456789") == std::string::npos;
}

/// What else a number can be.
std::string number_remedy(const std::string& word, DeathQuery query, HistoryReader& history) {
  query.pid = std::nullopt;
  for (const auto& meaning : meanings_of(word, query)) {
    if (history.count(meaning.query).deaths)
      return fmt::format("a number is a pid; as a {}: stapkill why --{} {}", meaning.what, meaning.what, word);
  }
  return "";
}

std::string near_remedy(const std::string& word, HistoryReader& history) {
  std::string text;
  for (const auto& name : history.near(word, kMostNear)) {
    if (name != word) text += (text.empty() ? "near it: " : ", ") + shell_word(name);
  }
  return text;
}

}  // namespace

Error nothing_found(const std::string& word, const DeathQuery& query, HistoryReader& history,
                    const std::optional<Living>& living, const std::string& not_seen) {
  std::string text = "no such death is in the history";
  if (!word.empty()) text = fmt::format("no death of '{}' is in the history", word);
  if (living) text = fmt::format("{}; no death of a predecessor is in the history", living_text(*living));
  text += unseen_text(query, history);
  if (!not_seen.empty()) text += "; " + not_seen;
  std::string remedy;
  if (!word.empty() && !living)
    remedy = is_number(word) ? number_remedy(word, query, history) : near_remedy(word, history);
  return {text, remedy, "why.nothing", ErrorKind::not_found};
}

}  // namespace stapkill
