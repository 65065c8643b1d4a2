#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "cli/command.h"
#include "cli/why/document.h"
#include "cli/why/evidence_file.h"
#include "cli/why/host_answer.h"
#include "cli/why/host_record.h"
#include "cli/why/host_text.h"
#include "cli/why/json.h"
#include "cli/why/nothing.h"
#include "cli/why/query.h"
#include "cli/why/record.h"
#include "cli/why/recorded_answer.h"
#include "cli/why/store.h"
#include "cli/why/table.h"
#include "cli/why/text.h"
#include "session/brief_death.h"
#include "sys/clock.h"

namespace stapkill {
namespace {

constexpr Option kOptions[] = {
    {"pid", 'p', "N", false, msgid("the process that had this pid")},
    {"name", 'n', "NAME", false, msgid("processes of this name (comm)"), "comm"},
    {"exe", 0, "PATH", false, msgid("processes that ran this program")},
    {"cmdline", 0, "TEXT", false, msgid("processes with this in their command line")},
    {"uid", 0, "N|USER", false, msgid("processes of this user")},
    {"unit", 0, "NAME", false, msgid("processes of this systemd unit"), "unit"},
    {"container", 0, "ID|NAME", false, msgid("processes of this container")},
    {"pod", 0, "[NAMESPACE/]NAME", false, msgid("processes of this Kubernetes pod"), "pod"},
    {"since", 0, "TIME", false, msgid("not before: 2h, 'yesterday 03:00', 2026-11-30T10:00:00Z")},
    {"until", 0, "TIME", false, msgid("not after")},
    {"limit", 0, "N", false, msgid("so many deaths, the latest first; 1 by default")},
    {"last", 0, "N", false, msgid("the latest N deaths as a table, the latest at its end")},
    {"all", 0, "", false, msgid("all of them as a table")},
    {"format", 'f', "NAME", false, msgid("text, jsonl, json, html or markdown"), "text|jsonl|json|html|markdown"},
    {"store", 0, "DIR", false, msgid("read the history in DIR alone; /var/lib/stapkill by default")},
    {"root", 0, "DIR", false, msgid("ask the host whose files lie below DIR: its history, its logs, its state files")},
    {"source", 0, "FILE", true,
     msgid("ask this file alone: a saved dmesg, journal, audit.log, core, docker inspect, …")},
    {"save-evidence", 0, "FILE", false,
     msgid("write what was found to FILE, for a colleague: why --source FILE reads it")},
};

constexpr std::string_view kFormats[] = {"text", "jsonl", "json", "html", "markdown"};

/// Who is asked.
struct Witnesses {
  bool history = true, host = true;
};

/// --store alone asks that history alone, --source its files alone.
Witnesses witnesses_of(const Arguments& arguments) {
  bool files = arguments.has("source");
  return {!files, files || arguments.has("root") || !arguments.has("store")};
}

/// All that was found.
struct Answer {
  Time now = 0;
  DeathQuery query;
  WhyStore store;
  std::optional<HistoryReader> history;
  std::optional<Error> no_history;  ///< why there is none
  RecordedAnswer recorded;
  Phrase not_seen;  ///< that the recorder does not watch now
  std::optional<HostAnswer> host;
  bool by_host = false;             ///< `deaths` are the host's, not the recorder's
  std::vector<StoredDeath> deaths;  ///< what is shown
};

void say(const std::string& text) {
  fmt::print(stderr, "stapkill why: {}\n", printable(text));
}

bool is_table(const Arguments& arguments) {
  return arguments.has("all") || arguments.has("last");
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
  return query.pid ? std::to_string(*query.pid) : "";
}

Result<void> open_history(const Arguments& arguments, Answer& answer) {
  auto opened = why_store(arguments).and_then([&](const WhyStore& store) {
    answer.store = store;
    return HistoryReader::open(store.directory, store.origin);
  });
  if (opened) {
    answer.history = std::move(*opened);
    answer.history->complete_with(complete_death);
    return {};
  }
  // The host itself may still answer, also to a user who may not read the history.
  bool is_missing = opened.error().id == "store.none" || opened.error().id == "store.denied";
  if (!is_missing || !witnesses_of(arguments).host) return tl::unexpected(opened.error());
  answer.no_history = opened.error();
  return {};
}

void ask_recorder(const std::string* word, Answer& answer) {
  if (!answer.history) return;
  answer.recorded = ask_history(word, answer.query, answer.store, *answer.history);
  answer.not_seen = answer.recorded.query.until ? Phrase() : unwatched_text(answer.store, *answer.history, answer.now);
  answer.deaths = answer.recorded.deaths;
}

/// Whether the host knows the cause of the death that the recorder could not explain.
bool explains(const std::vector<StoredDeath>& hosts, const StoredDeath& recorded) {
  constexpr Time close = Time{10} * 1'000'000'000;
  return is_explained(hosts) && hosts.front().pid == recorded.pid &&
         std::abs(hosts.front().time - recorded.time) <= close;
}

Result<void> ask_the_host(const Arguments& arguments, const std::string* word, Answer& answer) {
  if (!witnesses_of(arguments).host || is_explained(answer.deaths)) return {};
  auto query = answer.query;
  if (word && answer.recorded.query.pid) query.pid = answer.recorded.query.pid;
  if (word && !answer.history) query = number_read(*word, query);
  TRY_ASSIGN(answer.host, ask_host(arguments, query, word, answer.now));
  std::vector<StoredDeath> deaths;
  for (const auto& death : answer.host->deaths) deaths.push_back(stored_of(death));
  if (deaths.empty() || (!answer.deaths.empty() && !explains(deaths, answer.deaths.front()))) return {};
  answer.deaths = std::move(deaths);
  answer.by_host = true;
  return {};
}

std::string table_of(const Answer& answer, const Appearance& look) {
  std::vector<StoredDeath> oldest_first(answer.deaths.rbegin(), answer.deaths.rend());
  return why_table(oldest_first, look);
}

std::string recorded_text(Answer& answer, const Arguments& arguments, const Appearance& look) {
  std::string out;
  for (const auto& death : answer.deaths) {
    bool is_first = &death == &answer.deaths.front();
    auto beside = is_first ? beside_of(answer.recorded, death) : Beside{};
    if (is_first) beside.not_seen = answer.not_seen.local();
    out += (is_first ? "" : "\n") + why_text(death, *answer.history, beside, look, arguments.has("verbose"));
  }
  return out;
}

std::string hosts_text(const Answer& answer, const Arguments& arguments, const Appearance& look) {
  std::string out;
  bool verbose = arguments.has("verbose");
  for (const auto& death : answer.host->deaths) out += host_text(death, look, verbose) + '\n';
  return out + host_footer(*answer.host, &answer.host->deaths.front(), look, verbose);
}

std::string text_of(Answer& answer, const Arguments& arguments, const Appearance& look) {
  if (is_table(arguments)) return table_of(answer, look);
  return answer.by_host ? hosts_text(answer, arguments, look) : recorded_text(answer, arguments, look);
}

std::string jsonl_of(const Answer& answer) {
  std::string out;
  for (const auto& death : answer.deaths) out += death.record + '\n';
  return out;
}

std::string json_of(Answer& answer) {
  WhyAnswer data{answer.deaths, {}, {}, answer.recorded.living, answer.host ? &*answer.host : nullptr};
  if (answer.history) data.covered = answer.history->covered();
  if (data.covered) {
    auto since = answer.query.since.value_or(data.covered->first),
         until = answer.query.until.value_or(data.covered->second);
    data.blind = answer.history->blind(since, until);
  }
  return why_json(data);
}

/// Leaves out deaths whose record is damaged, for the machine formats.
void leave_out_damaged(std::vector<StoredDeath>& deaths) {
  std::erase_if(deaths, [](const StoredDeath& death) {
    if (is_json(death.record)) return false;
    say(tr("the record of {}({}) is damaged, and left out", death.comm, death.pid));
    return true;
  });
}

/// What to do where the host knows no such death.
Phrase next_step(const HostAnswer& host) {
  if (host.from_files)
    return phrase(
        "give more files of that host with --source: its kernel's log (journalctl -k), its journal, audit.log");
  const auto& notes = host.evidence->notes;
  bool is_closed = std::any_of(notes.begin(), notes.end(),
                               [](const SourceNote& note) { return note.state == SourceNote::State::not_permitted; });
  if (is_closed) return phrase("run it with sudo: this user may not read all of it");
  return phrase("look further back with --since 60d, or ask for another name; stapkill record keeps the next death");
}

/// The recorder's reason and the host's, in one.
Error nothing(const std::string* word, Answer& answer) {
  auto name = given_name(word, answer.query);
  Error error;
  if (answer.history) {
    error = nothing_found(name, answer.recorded.query, *answer.history, answer.recorded.living, answer.not_seen);
  } else {
    error = {name.empty() ? phrase("no death was found") : phrase("no death of '{}' was found", name), "",
             "why.nothing", ErrorKind::not_found};
    if (answer.no_history) error.message += phrase("; {}", answer.no_history->message);
  }
  if (answer.host) error.message += phrase("; read: {}", sources_words(*answer.host));
  if (error.remedy.empty() && answer.host) error.remedy = next_step(*answer.host);
  return error;
}

/// A colleague's file does not say its host.
DocumentHost host_of(const Arguments& arguments) {
  return arguments.has("source") ? DocumentHost{} : document_host(arguments.one("root").value_or(""));
}

Result<void> print_answer(Answer& answer, const std::string& format, const Arguments& arguments) {
  TRY_ASSIGN(auto look, appearance_of(arguments));
  if (format != "text") leave_out_damaged(answer.deaths);
  if (!answer.recorded.remark.empty() && !answer.by_host) say(answer.recorded.remark.local());
  bool is_page = format == "text" && !is_table(arguments);
  if (!is_page && !answer.by_host && !answer.recorded.predecessor_words.empty())
    say(tr("{}; its predecessor is shown", living_text(*answer.recorded.living)));
  if (format == "json") print_out(json_of(answer));
  if (format == "jsonl") print_out(jsonl_of(answer));
  if ((format == "html" || format == "markdown") && !answer.deaths.empty())
    print_out(why_document(format, answer.deaths, host_of(arguments), answer.now));
  if (format == "text" && !answer.deaths.empty()) print_out(text_of(answer, arguments, look));
  if (answer.history) {
    for (const auto& one : answer.history->damaged()) say(one);
  }
  return {};
}

Result<int> run(const Arguments& arguments) {
  Answer answer;
  answer.now = wall_of_boot(boot_now());
  TRY_ASSIGN(answer.query, why_query(arguments, answer.now));
  auto format = arguments.one("format").value_or("text");
  if (std::find(std::begin(kFormats), std::end(kFormats), format) == std::end(kFormats))
    return usage_error(phrase("--format expects text, jsonl, json, html or markdown, not '{}'", format));
  const auto* word = arguments.positional.empty() ? nullptr : arguments.positional.data();
  if (word) TRY(check_word(*word, answer.query));
  if (witnesses_of(arguments).history) TRY(open_history(arguments, answer));
  ask_recorder(word, answer);
  TRY(ask_the_host(arguments, word, answer));
  if (auto file = arguments.one("save-evidence")) TRY(save_evidence(*file, answer.host ? &*answer.host : nullptr));
  TRY(print_answer(answer, format, arguments));
  if (answer.deaths.empty()) return tl::unexpected(nothing(word, answer));
  return is_explained(answer.deaths) ? kDone : kCouldNot;
}

}  // namespace

constexpr Command kWhyCommand = {
    "why",
    "[PID|NAME] [OPTION…]",
    msgid("say why a process died, from the recorder's history or what the host keeps"),
    msgid("\nA number is a pid; another word is a unit, a container, a pod or a process's name: the first of\n"
          "these that has a death. Shows the latest death. Where it lives now, its predecessor's death is the\n"
          "answer. stapkill record keeps the history. Where that has no answer, the host itself is asked: the\n"
          "kernel's log, the journal, audit, core dumps, accounting, the runtimes' and the kubelet's files.\n"
          "Without root it reads what it may, and says what it may not.\n"),
    kOptions,
    1,
    run,
    "unit",
};

}  // namespace stapkill
