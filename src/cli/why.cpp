#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "cli/command.h"
#include "cli/times.h"
#include "cli/why_json.h"
#include "cli/why_nothing.h"
#include "cli/why_query.h"
#include "cli/why_record.h"
#include "cli/why_store.h"
#include "cli/why_table.h"
#include "cli/why_text.h"
#include "session/brief_death.h"
#include "sys/clock.h"
#include "verdict/process_words.h"

namespace stapkill {
namespace {

constexpr Option kOptions[] = {
    {"pid", 'p', "N", false, "the process that had this pid"},
    {"name", 'n', "NAME", false, "processes of this name (comm)", "comm"},
    {"exe", 0, "PATH", false, "processes that ran this program"},
    {"cmdline", 0, "TEXT", false, "processes with this in their command line"},
    {"uid", 0, "N|USER", false, "processes of this user"},
    {"unit", 0, "NAME", false, "processes of this systemd unit", "unit"},
    {"container", 0, "ID|NAME", false, "processes of this container"},
    {"pod", 0, "[NAMESPACE/]NAME", false, "processes of this Kubernetes pod", "pod"},
    {"since", 0, "TIME", false, "not before: 2h, 'yesterday 03:00', 2026-11-30T10:00:00Z"},
    {"until", 0, "TIME", false, "not after"},
    {"limit", 0, "N", false, "so many deaths, the latest first; 1 by default"},
    {"last", 0, "N", false, "the latest N deaths as a table, the latest at its end"},
    {"all", 0, "", false, "all of them as a table"},
    {"format", 'f', "NAME", false, "text, jsonl or json", "text|jsonl|json"},
    {"store", 0, "DIR", false, "read the history in DIR; /var/lib/stapkill by default"},
    {"root", 0, "DIR", false, "read the history of the host whose files lie below DIR"},
};

void say(const std::string& text) {
  fmt::print(stderr, "stapkill why: {}\n", printable(text));
}

/// What was found, and what lives now.
struct Found {
  DeathQuery query;  ///< with the meaning of the bare word
  std::vector<StoredDeath> deaths;
  std::optional<Living> living;
  std::string
      predecessor_words;  ///< where no death fits itself: what a predecessor of the living has in common with it
};

/// The living process that fits, by any meaning of the word.
std::optional<Living> living_of(const std::string& word, const DeathQuery& query, bool by_word) {
  if (!by_word) return find_living(query, this_host());
  for (const auto& meaning : meanings_of(word, query)) {
    if (auto living = find_living(meaning.query, this_host())) return living;
  }
  return std::nullopt;
}

/// The latest death of what the living process is a run of, before it was started.
void find_predecessor(Found& found, HistoryReader& history) {
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

Found find(const std::string* word, DeathQuery query, const WhyStore& store, HistoryReader& history) {
  Found found{std::move(query), {}, {}, ""};
  if (word) {
    auto meaning = find_word(*word, found.query, history);
    found.query = std::move(meaning.query);
    found.deaths = std::move(meaning.found);
    if (!meaning.remark.empty()) say(meaning.remark);
  } else {
    found.deaths = history.find(found.query);
  }
  if (store.origin == HistoryReader::Origin::captured) return found;
  bool by_word = word && found.deaths.empty() && !found.query.pid;
  found.living = living_of(word ? *word : "", found.query, by_word);
  if (found.living && found.deaths.empty()) find_predecessor(found, history);
  return found;
}

/// What lives, in relation to the death that is shown.
Beside beside_of(const Found& found, const StoredDeath& death) {
  if (!found.living) return {};
  const auto& living = *found.living;
  if (found.query.pid && death.pid == living.process.pid) {
    return {"",
            fmt::format("pid {} is now another process, {}, since {}", death.pid, living.process.comm,
                        date_and_time(living.process.started)),
            ""};
  }
  auto common =
      found.predecessor_words.empty() ? common_ground(living.place, place_of(death)) : found.predecessor_words;
  if (common.empty() || living.process.started < death.time) return {"", living_text(living), ""};
  return {fmt::format("{}; its predecessor ({}) died:", living_text(living), common), "", ""};
}

bool is_table(const Arguments& arguments) {
  return arguments.has("all") || arguments.has("last");
}

std::string text_of(const Found& found, HistoryReader& history, const std::string& not_seen, const Arguments& arguments,
                    const Appearance& look) {
  if (is_table(arguments)) {
    std::vector<StoredDeath> oldest_first(found.deaths.rbegin(), found.deaths.rend());
    return why_table(oldest_first, look);
  }
  std::string out;
  for (const auto& death : found.deaths) {
    bool is_first = &death == &found.deaths.front();
    auto beside = is_first ? beside_of(found, death) : Beside{};
    if (is_first) beside.not_seen = not_seen;
    out += (is_first ? "" : "\n") + why_text(death, history, beside, look, arguments.has("verbose"));
  }
  return out;
}

std::string jsonl_of(const Found& found) {
  std::string out;
  for (const auto& death : found.deaths) out += death.record + '\n';
  return out;
}

std::string json_of(Found& found, HistoryReader& history) {
  auto covered = history.covered();
  std::vector<BlindInterval> blind;
  if (covered) {
    auto since = found.query.since.value_or(covered->first), until = found.query.until.value_or(covered->second);
    blind = history.blind(since, until);
  }
  return why_json({found.deaths, std::move(blind), covered, found.living});
}

/// Leaves out deaths whose record is damaged, for the machine formats.
void leave_out_damaged(std::vector<StoredDeath>& deaths) {
  std::erase_if(deaths, [](const StoredDeath& death) {
    if (is_json(death.record)) return false;
    say(fmt::format("the record of {}({}) is damaged, and left out", death.comm, death.pid));
    return true;
  });
}

bool is_explained(const std::vector<StoredDeath>& deaths) {
  return std::any_of(deaths.begin(), deaths.end(), [](const StoredDeath& death) { return death.cause != "unknown"; });
}

/// The name that the user gave, for what is near.
std::string given_name(const std::string* word, const DeathQuery& query) {
  if (word) return *word;
  for (const auto* name : {&query.unit, &query.container, &query.pod, &query.comm}) {
    if (*name) return **name;
  }
  return "";
}

Result<int> run(const Arguments& arguments) {
  TRY_ASSIGN(auto look, appearance_of(arguments));
  auto now = wall_of_boot(boot_now());
  TRY_ASSIGN(auto query, why_query(arguments, now));
  auto format = arguments.one("format").value_or("text");
  if (format != "text" && format != "jsonl" && format != "json")
    return usage_error("--format expects text, jsonl or json, not '" + format + "'");
  const auto* word = arguments.positional.empty() ? nullptr : arguments.positional.data();
  if (word) TRY(check_word(*word, query));
  TRY_ASSIGN(auto store, why_store(arguments));
  TRY_ASSIGN(auto history, HistoryReader::open(store.directory, store.origin));
  history.complete_with(complete_brief_death);
  auto found = find(word, std::move(query), store, history);
  if (format != "text") leave_out_damaged(found.deaths);
  bool is_page = format == "text" && !is_table(arguments);
  if (!is_page && !found.predecessor_words.empty()) say(living_text(*found.living) + "; its predecessor is shown");
  auto not_seen = found.query.until ? "" : unwatched_text(store, history, now);
  if (format == "json") print_out(json_of(found, history));
  if (format == "jsonl") print_out(jsonl_of(found));
  if (format == "text" && !found.deaths.empty()) print_out(text_of(found, history, not_seen, arguments, look));
  for (const auto& one : history.damaged()) say(one);
  if (found.deaths.empty())
    return tl::unexpected(nothing_found(given_name(word, found.query), found.query, history, found.living, not_seen));
  return is_explained(found.deaths) ? kDone : kCouldNot;
}

}  // namespace

const Command kWhyCommand = {
    "why",
    "[PID|NAME] [OPTION…]",
    "say why a process died, from the recorder's history",
    "\nA number is a pid; another word is a unit, a container, a pod or a process's name: the first of\n"
    "these that has a death. Shows the latest death. Where it lives now, its predecessor's death is the\n"
    "answer. stapkill record keeps the history.\n",
    kOptions,
    1,
    run,
    "unit",
};

}  // namespace stapkill
