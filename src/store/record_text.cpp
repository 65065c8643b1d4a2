#include "store/record_text.h"

#include <nlohmann/json.hpp>

namespace stapkill {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kReference = "$";
constexpr int kDeepest = 64;  // a record has ten levels; what is deeper would use up the stack

/// Without what is nested too deeply; discarded where it is no JSON.
Json parsed_of(const std::string& text) {
  return Json::parse(
      text, [](int depth, Json::parse_event_t, Json&) { return depth <= kDeepest; }, false);
}

std::string text_of(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

bool is_process(const Json& value) {
  return value.is_object() && value.contains("pid") && value.contains("comm") && value.contains("start");
}

void take_out(Json& value, const std::function<std::int64_t(const std::string&)>& number_of) {
  if (is_process(value)) {
    value = Json{{kReference, number_of(text_of(value))}};
  } else if (value.is_structured()) {
    for (auto& member : value) take_out(member, number_of);
  }
}

void put_in(Json& value, const std::function<std::string(std::int64_t)>& process_of) {
  if (value.is_object() && value.size() == 1 && value.contains(kReference) && value[kReference].is_number_integer()) {
    value = parsed_of(process_of(value[kReference].get<std::int64_t>()));
    if (value.is_discarded()) value = nullptr;
  } else if (value.is_structured()) {
    for (auto& member : value) put_in(member, process_of);
  }
}

}  // namespace

std::string without_processes(const std::string& record,
                              const std::function<std::int64_t(const std::string&)>& number_of) {
  auto parsed = parsed_of(record);
  if (parsed.is_discarded()) return record;
  take_out(parsed, number_of);
  return text_of(parsed);
}

std::string with_processes(const std::string& record, const std::function<std::string(std::int64_t)>& process_of) {
  auto parsed = parsed_of(record);
  if (parsed.is_discarded()) return record;
  put_in(parsed, process_of);
  return text_of(parsed);
}

std::string summary_in(const std::string& record) {
  auto parsed = Json::parse(record, nullptr, false);
  if (!parsed.is_object() || !parsed.contains("verdict") || !parsed["verdict"].is_object()) return {};
  const auto& verdict = parsed["verdict"];
  auto summary = verdict.find("summary");
  return summary != verdict.end() && summary->is_string() ? summary->get<std::string>() : std::string();
}

}  // namespace stapkill
