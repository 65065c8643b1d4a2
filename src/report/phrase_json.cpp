#include "report/phrase_json.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "base/text.h"

namespace stapkill {
namespace {

constexpr int kDeepest = 8;
constexpr std::size_t kMostValues = 10;  // a message numbers its values by one digit

using Json = nlohmann::json;

void append_parts(std::string& out, const Phrase& phrase) {
  bool first = true;
  auto next = [&] {
    if (!first) out += ',';
    first = false;
  };
  phrase.parts(
      [&](std::string_view bytes) {
        next();
        append_json_string(out, bytes);
      },
      [&](std::string_view message, const std::vector<Phrase>& values) {
        next();
        out += R"({"message":)";
        append_json_string(out, message);
        for (std::size_t at = 0; at < values.size(); ++at) {
          out += at ? "," : R"(,"values":[)";
          append_phrase(out, values[at]);
        }
        out += values.empty() ? "}" : "]}";
      });
}

Phrase read(const Json& json, int depth);

Phrase read_message(const Json& json, int depth) {
  auto message = json.find("message"), values = json.find("values");
  if (message == json.end() || !message->is_string()) return {};
  std::vector<Phrase> filled;
  if (values != json.end() && values->is_array() && values->size() <= kMostValues) {
    for (const auto& value : *values) filled.push_back(read(value, depth));
  }
  return Phrase::of(message->get_ref<const std::string&>(), filled);
}

Phrase read(const Json& json, int depth) {
  if (json.is_string()) return json.get_ref<const std::string&>();
  if (!json.is_array() || depth == 0) return {};
  Phrase all;
  for (const auto& part : json) all += part.is_object() ? read_message(part, depth - 1) : read(part, 0);
  return all;
}

}  // namespace

void append_phrase(std::string& out, const Phrase& phrase) {
  if (!phrase.has_message()) {
    append_json_string(out, phrase.english());
    return;
  }
  out += '[';
  append_parts(out, phrase);
  out += ']';
}

Phrase phrase_in(const Json& json) {
  return read(json, kDeepest);
}

Phrase phrase_in(const Json& json, const std::string& english) {
  auto phrase = phrase_in(json);
  return phrase == english ? phrase : Phrase(english);
}

}  // namespace stapkill
