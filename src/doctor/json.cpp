#include <nlohmann/json.hpp>

#include "doctor/faces.h"

namespace stapkill {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const Remedy& remedy) {
  return {{"text", remedy.text.english()}, {"commands", remedy.commands}, {"reboot", remedy.reboot}};
}

Json json_of(const CheckResult& result) {
  const auto& finding = result.finding;
  Json evidence = Json::array();
  for (const auto& one : finding.evidence)
    evidence.push_back({{"source", one.source.english()}, {"value", one.value.english()}});
  return {{"id", result.check->id},
          {"category", result.check->category()},
          {"title", result.check->title},
          {"required", result.required},
          {"status", name_of(finding.status)},
          {"message", finding.message.english()},
          {"evidence", evidence},
          {"remedy", finding.remedy ? json_of(*finding.remedy) : Json(nullptr)},
          {"blocked_by", finding.blocked_by.empty() ? Json(nullptr) : Json(finding.blocked_by)},
          {"duration_ms", result.duration_ms}};
}

}  // namespace

std::string diagnosis_json(const Diagnosis& diagnosis) {
  Json backends, summary, all = Json::array();
  for (const auto& backend : kBackends) backends[std::string(backend.name)] = (diagnosis.ready & backend.bit) != 0;
  for (auto status : {Status::pass, Status::warn, Status::fail, Status::skip, Status::error}) {
    summary[std::string(name_of(status))] = diagnosis.count(status);
  }
  for (const auto& result : diagnosis.results) all.push_back(json_of(result));
  const auto& distribution = diagnosis.distribution;
  Json json = {
      {"schema", "stapkill.doctor/1"},
      {"ready", diagnosis.ready != kNone},
      {"backends", backends},
      {"partial", diagnosis.partial},
      {"summary", summary},
      {"host",
       {{"kernel", diagnosis.release},
        {"arch", diagnosis.kernel.machine},
        {"distribution", {{"id", distribution.id}, {"version", distribution.version}, {"name", distribution.name}}},
        {"systemtap", diagnosis.systemtap ? Json(*diagnosis.systemtap) : Json(nullptr)}}},
      {"checks", all}};
  // A captured host's bytes may not be UTF-8.
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + '\n';
}

std::string list_checks_json() {
  Json all = Json::array();
  for (const auto& check : checks()) {
    Json by = Json::array();
    for (const auto& backend : kBackends) {
      if (check.required_by & backend.bit) by.push_back(backend.name);
    }
    all.push_back({{"id", check.id}, {"category", check.category()}, {"title", check.title}, {"required_by", by}});
  }
  return all.dump(1) + '\n';
}

}  // namespace stapkill
