#include "cli/why/record.h"

#include <nlohmann/json.hpp>

#include "base/when.h"
#include "report/phrase_json.h"

namespace stapkill {
namespace {

using Json = nlohmann::json;

const Json& member(const Json& object, const char* name) {
  static const Json none;
  auto at = object.is_object() ? object.find(name) : object.end();
  return at == object.end() ? none : *at;
}

/// A member that is an array, else an empty one.
const Json& list(const Json& object, const char* name) {
  static const Json empty = Json::array();
  const auto& value = member(object, name);
  return value.is_array() ? value : empty;
}

std::string text_of(const Json& object, const char* name) {
  const auto& value = member(object, name);
  return value.is_string() ? value.get<std::string>() : "";
}

int number_of(const Json& object, const char* name) {
  const auto& value = member(object, name);
  return value.is_number_integer() ? value.get<int>() : 0;
}

RecordedProcess process_of(const Json& value) {
  return {number_of(value, "pid"), text_of(value, "comm"), text_of(value, "start")};
}

RecordedStep step_of(const Json& value) {
  RecordedStep step;
  step.time = parse_when(text_of(value, "time"), 0).value_or(0);
  step.what = text_of(value, "what");
  step.signal = text_of(value, "signal_name");
  step.through = text_of(value, "through");
  step.process = process_of(member(value, "process"));
  step.likely = text_of(value, "confidence") == "likely";
  return step;
}

}  // namespace

std::string name_of(const RecordedProcess& process) {
  return process.pid ? process.comm + '(' + std::to_string(process.pid) + ')' : "";
}

RecordedDeath read_record(const std::string& json) {
  RecordedDeath death;
  const auto record = Json::parse(json, nullptr, false);
  death.process = process_of(member(record, "process"));
  death.parent = process_of(member(record, "parent"));
  death.status = number_of(member(record, "exit"), "status");
  const auto& verdict = member(record, "verdict");
  for (const auto& step : list(verdict, "chain")) death.chain.push_back(step_of(step));
  for (const auto& one : list(record, "ancestry")) death.ancestry.push_back(process_of(one));
  const auto& texts = member(verdict, "texts");
  death.summary = phrase_in(member(texts, "summary"));
  const auto& evidence = list(texts, "evidence");
  std::size_t at = 0;
  for (const auto& line : list(verdict, "evidence")) {
    if (line.is_string())
      death.evidence.push_back(at < evidence.size() ? phrase_in(evidence[at], line.get<std::string>())
                                                    : Phrase(line.get<std::string>()));
    ++at;
  }
  return death;
}

Phrase summary_of(const StoredDeath& death, const RecordedDeath& record) {
  return record.summary == death.summary ? record.summary : Phrase(death.summary);
}

bool is_json(const std::string& text) {
  return Json::accept(text);
}

}  // namespace stapkill
