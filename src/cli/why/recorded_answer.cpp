#include "cli/why/recorded_answer.h"

#include <algorithm>

#include "cli/times.h"
#include "cli/why/query.h"

namespace stapkill {
namespace {

/// The living process that fits, by any meaning of the word.
std::optional<Living> living_of(const std::string& word, const DeathQuery& query, bool by_word) {
  if (!by_word) return find_living(query, this_host());
  for (const auto& meaning : meanings_of(word, query)) {
    if (auto living = find_living(meaning.query, this_host())) return living;
  }
  return std::nullopt;
}

/// The latest death of what the living process is a run of, before it was started.
void find_predecessor(RecordedAnswer& found, HistoryReader& history) {
  constexpr Time slack = 1'000'000'000;  // the wall clock may have been set since
  for (auto thing : same_things(found.living->place)) {
    thing.query.most = found.query.most;
    thing.query.since = found.query.since;
    auto until = found.living->process.started + slack;
    thing.query.until = std::min(found.query.until.value_or(until), until);
    found.deaths = history.find(thing.query);
    if (found.deaths.empty()) continue;
    found.predecessor_words = common_ground(found.living->place, place_of(found.deaths[0]));
    return;
  }
}

}  // namespace

RecordedAnswer ask_history(const std::string* word, DeathQuery query, const WhyStore& store, HistoryReader& history) {
  RecordedAnswer found;
  found.query = std::move(query);
  if (word) {
    auto meaning = find_word(*word, found.query, history);
    found.query = std::move(meaning.query);
    found.deaths = std::move(meaning.found);
    found.remark = std::move(meaning.remark);
  } else {
    found.deaths = history.find(found.query);
  }
  if (store.origin == HistoryReader::Origin::captured) return found;
  bool by_word = word && found.deaths.empty() && !found.query.pid;
  found.living = living_of(word ? *word : "", found.query, by_word);
  if (found.living && found.deaths.empty()) find_predecessor(found, history);
  return found;
}

Beside beside_of(const RecordedAnswer& found, const StoredDeath& death) {
  if (!found.living) return {};
  const auto& living = *found.living;
  if (found.query.pid && death.pid == living.process.pid) {
    return {"",
            tr("pid {} is now another process, {}, since {}", death.pid, living.process.comm,
               date_and_time(living.process.started)),
            ""};
  }
  auto common =
      found.predecessor_words.empty() ? common_ground(living.place, place_of(death)) : found.predecessor_words;
  if (common.empty() || living.process.started < death.time) return {"", living_text(living).local(), ""};
  return {tr("{}; its predecessor ({}) died:", living_text(living), common), "", ""};
}

}  // namespace stapkill
