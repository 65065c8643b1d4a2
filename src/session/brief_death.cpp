#include "session/brief_death.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "base/text.h"
#include "model/cgroup_names.h"
#include "model/containers.h"
#include "report/json.h"
#include "session/verdict_texts.h"
#include "store/record_text.h"
#include "verdict/causes.h"
#include "verdict/exit_verdict.h"

namespace stapkill {
namespace {

using Json = nlohmann::json;

template <typename Value>
std::optional<Value> member(const Json& object, const char* name, bool (Json::*is)() const noexcept) {
  auto at = object.find(name);
  return at != object.end() && ((*at).*is)() ? std::optional(at->get<Value>()) : std::nullopt;
}

/// What the columns lack.
std::string details_of(const DeathRecord& record, const std::vector<std::string>& argv) {
  const Process& process = *record.process;
  Json details = Json::object();
  if (process.argv) details["argv"] = argv;
  if (process.cgroup) details["cgroup"] = *process.cgroup;
  if (record.parent) details["parent"] = {record.parent->pid, record.parent->comm};
  return details.dump(-1, ' ', false, Json::error_handler_t::replace);
}

ProcessPtr parent_in(const Json& details) {
  auto at = details.find("parent");
  if (at == details.end() || !at->is_array() || at->size() != 2 || !(*at)[0].is_number_integer() ||
      !(*at)[1].is_string())
    return nullptr;
  Process parent;
  parent.pid = (*at)[0].get<int>();
  parent.comm = (*at)[1].get<std::string>();
  return std::make_shared<const Process>(std::move(parent));
}

std::optional<std::vector<std::string>> words_in(const Json& details) {
  auto at = details.find("argv");
  if (at == details.end() || !at->is_array()) return std::nullopt;
  std::vector<std::string> words;
  for (const auto& word : *at) {
    if (word.is_string()) words.push_back(word.get<std::string>());
  }
  return words;
}

}  // namespace

StoredDeath brief_death(const DeathRecord& record, const Redaction& redaction) {
  const Process& process = *record.process;
  StoredDeath death;
  death.tier = Tier::brief;
  death.time = record.time;
  death.pid = process.pid;
  death.start = process.started;
  death.comm = process.comm;
  death.exe = process.exe;
  death.uid = process.uid;
  death.unit = unit_of(process.cgroup);
  if (auto container = container_of(process.cgroup)) death.container = container->id;
  auto argv = process.argv.value_or(std::vector<std::string>());
  redaction.in_arguments(argv);
  if (process.argv) death.cmdline = shell_words(argv);
  death.cause = name_of(record.verdict.cause);
  death.record = details_of(record, argv);
  return death;
}

void complete_brief_death(StoredDeath& death) {
  auto details = Json::parse(death.record, nullptr, false);
  if (!details.is_object()) details = Json::object();
  Process process;
  process.pid = death.pid;
  process.started = death.start;
  process.comm = death.comm;
  process.exe = death.exe;
  process.uid = death.uid;
  process.cgroup = member<std::string>(details, "cgroup", &Json::is_string);
  process.argv = words_in(details);
  DeathRecord record;
  record.time = death.time;
  record.verdict = brief_end(process);
  record.parent = parent_in(details);
  record.process = std::make_shared<const Process>(std::move(process));
  death.summary = record.verdict.summary;
  death.record.clear();
  ProcessJson processes;
  append_json(death.record, Record(std::move(record)), processes);
  death.record.pop_back();  // its newline
}

void complete_death(StoredDeath& death) {
  if (death.tier == Tier::brief) return complete_brief_death(death);
  death.record = with_all_sentences(death.record);
  death.summary = summary_in(death.record);
}

}  // namespace stapkill
