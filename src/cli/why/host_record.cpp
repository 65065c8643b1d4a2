#include "cli/why/host_record.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "autopsy/inquest/death_words.h"
#include "autopsy/inquest/kinds.h"
#include "model/record.h"
#include "report/json.h"
#include "report/phrase_json.h"
#include "verdict/process_words.h"

namespace stapkill {
namespace {

using Json = nlohmann::ordered_json;

std::optional<std::string> known(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

ProcessPtr process_of(const Party& party) {
  auto process = std::make_shared<Process>();
  process->pid = party.pid;
  process->comm = party.comm;
  process->exe = known(party.exe);
  process->cgroup = known(party.cgroup);
  process->uid = party.uid;
  process->user = known(party.user);
  process->tty = known(party.tty);
  if (party.loginuid) process->login = Login{*party.loginuid, -1};
  return process;
}

bool is_named(const Party& party) {
  return party.pid || !party.comm.empty();
}

std::vector<ChainStep> chain_of(const FoundDeath& death) {
  const auto& verdict = death.conclusion;
  std::vector<ChainStep> chain;
  auto step = [&](ChainStep::What what, const Party& party, int number) {
    ChainStep one;
    one.what = what;
    if (is_named(party)) one.process = process_of(party);
    one.number = number;
    one.through = verdict.through;
    one.time = verdict.decisive ? verdict.decisive->time : 0;
    one.confidence = verdict.confidence == Confidence::certain ? Confidence::certain : Confidence::likely;
    chain.push_back(std::move(one));
  };
  if (is_named(verdict.initiator) && verdict.initiator != verdict.killer)
    step(ChainStep::What::request, verdict.initiator, 0);
  if (is_named(verdict.killer) && verdict.cause != Cause::self)
    step(ChainStep::What::signal, verdict.killer, death.signal);
  return chain;
}

By by_of(Cause cause) {
  if (cause == Cause::exit || cause == Cause::self) return By::self;
  return cause == Cause::kill || cause == Cause::tkill || cause == Cause::sigqueue || cause == Cause::pidfd
             ? By::process
             : By::kernel;
}

DeathRecord record_of(const FoundDeath& death) {
  constexpr int core = 0x80;  // wait(2): a core was dumped
  DeathRecord record;
  record.time = death.time;
  record.process = process_of(death.who);
  bool dumped = false;
  for (const auto* end : death.ends) dumped |= end->kind == Finding::Kind::core;
  if (death.signal && !death.signal_inferred) {
    record.wait_status = death.signal | (dumped ? core : 0);
  } else {
    record.wait_status = death.status.value_or(0) << 8;
  }
  const auto& from = death.conclusion;
  auto& verdict = record.verdict;
  verdict.cause = from.cause;
  verdict.by = by_of(from.cause);
  if (is_named(from.killer)) verdict.killer = process_of(from.killer);
  verdict.chain = chain_of(death);
  if (!verdict.chain.empty()) verdict.initiator = verdict.chain.front().process;
  verdict.confidence = from.confidence;
  verdict.summary = summary_of(death);
  verdict.evidence = evidence_lines(death);
  verdict.rule = from.rule;
  return record;
}

Json time_json(Time time) {
  if (!time) return nullptr;
  std::string text;
  append_rfc3339(text, time);
  return text;
}

/// A process that no source names has no pid; no source has its start.
void complete_process(Json& process) {
  if (!process.is_object()) return;
  if (process["pid"] == 0) process["pid"] = process["tid"] = nullptr;
  process["start"] = nullptr;
  const auto& comm = process["comm"];
  if (comm.is_string() && comm.get_ref<const std::string&>().empty()) process["comm"] = nullptr;
}

void add_party(Json& process, const Party& party) {
  if (party.tid) process["tid"] = party.tid;
  if (!party.unit.empty()) process["unit"] = party.unit;
  if (!party.container.empty() && process["container"].is_null())
    process["container"] = {{"runtime", nullptr},
                            {"id", party.container},
                            {"pod_uid", party.pod_uid.empty() ? Json(nullptr) : Json(party.pod_uid)}};
  if (!party.container_name.empty() && process["container"].is_object())
    process["container"]["name"] = party.container_name;
  if (!party.pod.empty()) process["pod"] = party.pod;
}

Json finding_json(const Finding& finding) {
  return {{"time", time_json(finding.time)},
          {"doubt_s", static_cast<double>(finding.doubt) / 1e9},
          {"source", finding.source},
          {"place", finding.place},
          {"kind", words_of(finding.kind).name},
          {"text", finding_words(finding).english()}};
}

Json text_json(const Phrase& phrase) {
  std::string text;
  append_phrase(text, phrase);
  return Json::parse(text, nullptr, false);
}

/// "open" and "contradictions" as texts for other languages, beside those of the verdict.
void add_texts(Json& verdict, const FoundDeath& death) {
  auto& texts = verdict["texts"];
  if (!death.conclusion.missing.empty()) texts["open"] = text_json(death.conclusion.missing);
  for (const auto& one : death.contradictions) texts["contradictions"].push_back(text_json(one));
}

/// What such a record has beyond a watched death's: "source", "open", "contradictions", "time_line".
std::string completed(const std::string& line, const FoundDeath& death) {
  auto json = Json::parse(line, nullptr, false);
  if (!json.is_object()) return line;
  json["time"] = time_json(death.is_dated() ? death.time : 0);
  complete_process(json["process"]);
  add_party(json["process"], death.who);
  for (const char* member : {"killer", "initiator"}) complete_process(json["verdict"][member]);
  for (auto& step : json["verdict"]["chain"]) {
    complete_process(step["process"]);
    if (!death.conclusion.decisive || !death.conclusion.decisive->time) step["time"] = nullptr;
  }
  if (!death.signal && !death.status) json["exit"] = nullptr;
  std::set<std::string> sources;
  Json line_of_time = Json::array();
  for (const auto* one : time_line(death)) {
    sources.insert(one->source);
    line_of_time.push_back(finding_json(*one));
  }
  json["source"] = sources;
  json["open"] = death.conclusion.missing.empty() ? Json(nullptr) : Json(death.conclusion.missing.english());
  json["contradictions"] = std::vector<std::string>(death.contradictions.begin(), death.contradictions.end());
  add_texts(json["verdict"], death);
  json["time_line"] = std::move(line_of_time);
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

StoredDeath stored_of(const FoundDeath& death) {
  StoredDeath stored;
  auto record = record_of(death);
  std::string line;
  ProcessJson processes;
  append_json(line, record, processes);
  while (line.ends_with('\n')) line.pop_back();
  const auto& who = death.who;
  stored.time = death.time;
  stored.pid = who.pid ? who.pid : who.tid;
  stored.comm = who.comm;
  stored.exe = known(who.exe);
  stored.cmdline = known(who.cmdline);
  stored.uid = who.uid;
  stored.unit = known(unit_of(who));
  stored.container = known(who.container);
  stored.name = known(who.container_name);
  stored.pod = known(who.pod);
  stored.cause = name_of(record.verdict.cause);
  stored.signal = death.signal_inferred ? 0 : death.signal;
  if (const auto& from = record.verdict.initiator; from && from->pid) stored.initiator = name_and_pid(*from);
  if (const auto& from = record.verdict.initiator; from && !from->pid) stored.initiator = from->comm;
  stored.summary = record.verdict.summary;
  stored.record = completed(line, death);
  return stored;
}

}  // namespace stapkill
