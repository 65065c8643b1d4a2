#include "session/verdict_texts.h"

#include <nlohmann/json.hpp>

#include "report/phrase_json.h"

namespace stapkill {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char *kVerdict = "verdict", *kTexts = "texts", *kSummary = "summary", *kEvidence = "evidence";

std::string english_of(const Json& text) {
  return phrase_in(nlohmann::json(text)).english();
}

bool is_english_of(const Json& english, const Json& text) {
  return english.is_string() && english.get_ref<const std::string&>() == english_of(text);
}

/// The verdict of a parsed record; null: it has none.
Json* verdict_in(Json& record) {
  if (!record.is_object()) return nullptr;
  auto verdict = record.find(kVerdict);
  return verdict != record.end() && verdict->is_object() ? &*verdict : nullptr;
}

std::string text_of(const Json& record) {
  return record.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

bool texts_agree(const Json& verdict) {
  auto texts = verdict.find(kTexts), summary = verdict.find(kSummary), evidence = verdict.find(kEvidence);
  bool is_whole = texts != verdict.end() && texts->is_object() && texts->contains(kSummary) &&
                  texts->contains(kEvidence) && summary != verdict.end() && evidence != verdict.end();
  if (!is_whole || !is_english_of(*summary, (*texts)[kSummary])) return false;
  const auto& lines = (*texts)[kEvidence];
  if (!lines.is_array() || !evidence->is_array() || lines.size() != evidence->size()) return false;
  for (std::size_t at = 0; at < lines.size(); ++at) {
    if (!is_english_of((*evidence)[at], lines[at])) return false;
  }
  return true;
}

std::string with_sentences_once(const std::string& record) {
  auto parsed = Json::parse(record, nullptr, false);
  auto* verdict = verdict_in(parsed);
  if (!verdict || !texts_agree(*verdict)) return record;
  auto texts = std::move((*verdict)[kTexts]);
  (*verdict)[kSummary] = std::move(texts[kSummary]);
  (*verdict)[kEvidence] = std::move(texts[kEvidence]);
  (*verdict)[kTexts] = true;  // the two above are TEXTs
  return text_of(parsed);
}

std::string with_all_sentences(const std::string& record) {
  auto parsed = Json::parse(record, nullptr, false);
  auto* verdict = verdict_in(parsed);
  if (!verdict || !verdict->contains(kTexts) || (*verdict)[kTexts] != true) return record;
  Json texts = {{kSummary, (*verdict)[kSummary]}, {kEvidence, (*verdict)[kEvidence]}};
  (*verdict)[kSummary] = english_of(texts[kSummary]);
  auto lines = Json::array();
  if (texts[kEvidence].is_array()) {
    for (const auto& line : texts[kEvidence]) lines.push_back(english_of(line));
  }
  (*verdict)[kEvidence] = std::move(lines);
  (*verdict)[kTexts] = std::move(texts);
  return text_of(parsed);
}

}  // namespace stapkill
