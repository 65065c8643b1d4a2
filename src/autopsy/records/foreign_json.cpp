#include "autopsy/records/foreign_json.h"

#include "autopsy/finding.h"

namespace stapkill {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kDeepest = 64, kMostValues = 300'000;
constexpr std::int64_t kMostPid = 4194304;  // PID_MAX_LIMIT, include/linux/threads.h

/// Counts levels and values without building them.
bool is_bounded(std::string_view text) {
  std::size_t depth = 0, values = 0;
  bool inside = false;  // of a string
  for (std::size_t at = 0; at < text.size(); ++at) {
    char c = text[at];
    if (inside) {
      if (c == '\\') ++at;
      if (c == '"') inside = false;
      continue;
    }
    if (c == '"') inside = true;
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && depth > 0) --depth;
    if (c == '{' || c == '[' || c == ',') ++values;
    if (depth > kDeepest || values > kMostValues) return false;
  }
  return true;
}

}  // namespace

std::optional<Json> foreign_json(std::string_view text) {
  if (!is_bounded(text)) return std::nullopt;
  auto json = Json::parse(text, nullptr, false);
  return json.is_discarded() ? std::nullopt : std::optional(std::move(json));
}

std::string quoted_members(const Json& object, std::initializer_list<const char*> names) {
  std::string quote;
  for (const auto* name : names) {
    const auto& value = member(object, name);
    if (!value.is_string() && !value.is_number() && !value.is_boolean()) continue;
    quote.append(quote.empty() ? "\"" : ",\"").append(name).append("\":");
    quote += value.dump(-1, ' ', false, Json::error_handler_t::replace);
  }
  if (quote.size() > kLongestQuote) quote.resize(kLongestQuote);
  return quote;
}

bool truth_of(const Json& object, const char* name) {
  const auto& value = member(object, name);
  return value.is_boolean() && value.get<bool>();
}

int pid_of(const Json& object, const char* name) {
  auto number = number_of(object, name).value_or(0);
  return number > 0 && number <= kMostPid ? static_cast<int>(number) : 0;
}

std::optional<int> status_of(const Json& object, const char* name) {
  auto number = number_of(object, name);
  return number && *number >= 0 && *number <= 255 ? std::optional(static_cast<int>(*number)) : std::nullopt;
}

}  // namespace stapkill
