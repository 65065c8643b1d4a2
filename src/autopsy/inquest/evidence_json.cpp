#include "autopsy/inquest/evidence_json.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "autopsy/inquest/kinds.h"
#include "base/json_member.h"

namespace stapkill {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kSchema = "stapkill.evidence/1";
constexpr std::size_t kMostFindings = 200'000;

struct PartyText {
  const char* name;
  std::string Party::*value;
};
constexpr std::array kPartyTexts = {
    PartyText{"comm", &Party::comm},
    PartyText{"exe", &Party::exe},
    PartyText{"cmdline", &Party::cmdline},
    PartyText{"user", &Party::user},
    PartyText{"tty", &Party::tty},
    PartyText{"unit", &Party::unit},
    PartyText{"cgroup", &Party::cgroup},
    PartyText{"container", &Party::container},
    PartyText{"name", &Party::container_name},
    PartyText{"pod", &Party::pod},
    PartyText{"pod_uid", &Party::pod_uid},
};

struct PartyNumber {
  const char* name;
  int Party::*value;
};
constexpr std::array kPartyNumbers = {PartyNumber{"pid", &Party::pid}, PartyNumber{"tid", &Party::tid},
                                      PartyNumber{"parent", &Party::parent}};

constexpr std::array<std::string_view, 5> kScopes = {"unknown", "machine", "memcg", "cpuset", "mempolicy"};
constexpr std::array<std::string_view, 5> kStates = {"read", "absent", "not_permitted", "broken", "cut"};

Json json_of(const Party& party) {
  Json json = Json::object();
  for (const auto& one : kPartyNumbers) {
    if (party.*one.value) json[one.name] = party.*one.value;
  }
  for (const auto& one : kPartyTexts) {
    if (!(party.*one.value).empty()) json[one.name] = party.*one.value;
  }
  if (party.uid) json["uid"] = *party.uid;
  if (party.loginuid) json["loginuid"] = *party.loginuid;
  return json;
}

Json json_of(const OomReport& report) {
  Json tasks = Json::array();
  for (const auto& task : report.largest)
    tasks.push_back(
        {{"pid", task.pid}, {"comm", task.comm}, {"resident", task.resident}, {"adjustment", task.score_adjustment}});
  return {{"scope", kScopes[static_cast<std::size_t>(report.scope)]},
          {"limited", report.limited},
          {"of_task", report.of_task},
          {"limit", report.limit},
          {"resident", report.resident},
          {"asking", report.asking},
          {"adjustment", report.score_adjustment},
          {"group", report.whole_group},
          {"tasks", tasks}};
}

Json json_of(const Finding& finding) {
  Json json = {{"finding", words_of(finding.kind).name}, {"time", finding.time}, {"doubt", finding.doubt}};
  json["subject"] = json_of(finding.subject);
  if (finding.actor != Party{}) json["actor"] = json_of(finding.actor);
  if (finding.signal) json["signal"] = finding.signal;
  if (finding.status) json["status"] = *finding.status;
  for (auto [name, value] :
       {std::pair("through", &finding.through), std::pair("reason", &finding.reason),
        std::pair("source", &finding.source), std::pair("place", &finding.place), std::pair("quote", &finding.quote)}) {
    if (!value->empty()) json[name] = *value;
  }
  for (auto [name, value] : {std::pair("self", finding.self), std::pair("by_kernel", finding.by_kernel),
                             std::pair("failed", finding.failed), std::pair("forgeable", finding.forgeable)}) {
    if (value) json[name] = true;
  }
  if (finding.oom) json["oom"] = json_of(*finding.oom);
  if (finding.since_boot) json["since_boot"] = *finding.since_boot;
  if (finding.boot_id) json["boot_id"] = *finding.boot_id;
  return json;
}

std::string line_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + '\n';
}

// --- back ---------------------------------------------------------------------------------------------------------

using Foreign = nlohmann::json;

int small_number(const Foreign& object, const char* name) {
  auto number = number_of(object, name).value_or(0);
  return number > 0 && number <= std::numeric_limits<int>::max() ? static_cast<int>(number) : 0;
}

bool flag(const Foreign& object, const char* name) {
  const auto& value = member(object, name);
  return value.is_boolean() && value.get<bool>();
}

std::uint64_t size_of(const Foreign& object, const char* name) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(0, number_of(object, name).value_or(0)));
}

Party party_of(const Foreign& json) {
  Party party;
  for (const auto& one : kPartyNumbers) party.*one.value = small_number(json, one.name);
  for (const auto& one : kPartyTexts) party.*one.value = text_of(json, one.name);
  party.uid = number_of(json, "uid");
  party.loginuid = number_of(json, "loginuid");
  return party;
}

template <typename Enum, std::size_t kCount>
Enum value_of(const std::array<std::string_view, kCount>& names, const std::string& name) {
  auto at = std::find(names.begin(), names.end(), name);
  return static_cast<Enum>(at == names.end() ? 0 : at - names.begin());
}

OomReport report_of(const Foreign& json) {
  constexpr std::size_t most = 5;
  OomReport report;
  report.scope = value_of<OomReport::Scope>(kScopes, text_of(json, "scope"));
  report.limited = text_of(json, "limited");
  report.of_task = text_of(json, "of_task");
  report.limit = size_of(json, "limit");
  report.resident = size_of(json, "resident");
  report.asking = text_of(json, "asking");
  report.score_adjustment = static_cast<int>(number_of(json, "adjustment").value_or(0));
  report.whole_group = flag(json, "group");
  for (const auto& one : member(json, "tasks")) {
    if (report.largest.size() < most)
      report.largest.push_back({small_number(one, "pid"), text_of(one, "comm"), size_of(one, "resident"),
                                static_cast<int>(number_of(one, "adjustment").value_or(0))});
  }
  return report;
}

std::optional<Finding> finding_of(const Foreign& json) {
  auto name = text_of(json, "finding");
  auto words = kind_words();
  auto row = std::find_if(words.begin(), words.end(), [&](const KindWords& one) { return one.name == name; });
  if (row == words.end()) return std::nullopt;
  Finding finding;
  finding.kind = row->kind;
  finding.time = number_of(json, "time").value_or(0);
  finding.doubt = std::max<Time>(0, number_of(json, "doubt").value_or(0));
  finding.subject = party_of(member(json, "subject"));
  finding.actor = party_of(member(json, "actor"));
  finding.signal = small_number(json, "signal");
  if (auto status = number_of(json, "status")) finding.status = static_cast<int>(*status & 255);
  finding.through = text_of(json, "through");
  finding.reason = text_of(json, "reason");
  finding.source = text_of(json, "source");
  finding.place = text_of(json, "place");
  finding.quote = text_of(json, "quote").substr(0, kLongestQuote);
  finding.self = flag(json, "self");
  finding.by_kernel = flag(json, "by_kernel");
  finding.failed = flag(json, "failed");
  finding.forgeable = flag(json, "forgeable");
  if (member(json, "oom").is_object()) finding.oom = report_of(member(json, "oom"));
  finding.since_boot = number_of(json, "since_boot");
  if (auto boot = text_of(json, "boot_id"); !boot.empty()) finding.boot_id = boot;
  return finding;
}

}  // namespace

std::string evidence_lines(const Evidence& evidence, std::string_view version) {
  auto out = line_of({{"schema", kSchema}, {"version", version}});
  for (const auto& note : evidence.notes)
    out += line_of({{"note", kStates[static_cast<std::size_t>(note.state)]},
                    {"source", note.source},
                    {"path", note.path},
                    {"detail", note.detail.english()},
                    {"since", note.since},
                    {"until", note.until}});
  for (const auto& finding : evidence.findings) out += line_of(json_of(finding));
  return out;
}

bool looks_like_evidence(std::string_view head) {
  return head.substr(0, head.find('\n')).find(kSchema) != std::string_view::npos;
}

Reading read_evidence(std::string_view bytes, const std::string& name) {
  Reading reading;
  std::size_t damaged = 0;
  while (!bytes.empty() && reading.findings.size() < kMostFindings) {
    auto end = bytes.find('\n');
    auto json = Foreign::parse(bytes.substr(0, end), nullptr, false);
    bytes.remove_prefix(end == std::string_view::npos ? bytes.size() : end + 1);
    if (json.contains("schema")) continue;
    if (auto state = text_of(json, "note"); !state.empty()) {
      reading.notes.push_back({value_of<SourceNote::State>(kStates, state), text_of(json, "source"),
                               text_of(json, "path"), text_of(json, "detail"), number_of(json, "since").value_or(0),
                               number_of(json, "until").value_or(0)});
    } else if (auto finding = finding_of(json)) {
      reading.findings.push_back(std::move(*finding));
    } else {
      ++damaged;
    }
  }
  if (damaged)
    reading.notes.push_back(
        {SourceNote::State::broken, "", name, phrase("{} lines are damaged, and left out", damaged), 0, 0});
  return reading;
}

}  // namespace stapkill
