#include "session/redaction.h"

#include <re2/re2.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "session/verdict_texts.h"

namespace stapkill {
namespace {

using Json = nlohmann::ordered_json;

constexpr char kInstead[] = "[redacted]";

/// What follows the first group is a secret. The names are those of common tools' options and of environment variables.
constexpr const char* kWellKnown[] = {
    R"re((?i)((?:pass(?:word|wd|phrase)?|pwd|secret|token|api[-_]?key|access[-_]?key|private[-_]?key|credentials?)["']?\s*[=:]\s*["']?)[^\s"'&;,]+)re",
    R"re((?i)(--?(?:pass(?:word|wd|phrase)?|pwd|secret|token|api[-_]?key|access[-_]?key)\s+)[^\s"']+)re",
    R"re((?i)(\bbearer\s+)[A-Za-z0-9._~+/=-]+)re",
    R"re((://[^/\s:@]+:)[^/\s@]+(?:@))re",
};
/// An argument whose next one is a secret.
constexpr char kNextIsSecret[] =
    R"re((?i)--?(?:pass(?:word|wd|phrase)?|pwd|secret|token|api[-_]?key|access[-_]?key))re";
/// mysql(1): the password is in the argument itself.
constexpr std::string_view kWithPassword[] = {"mysql",   "mysqldump",    "mysqladmin",
                                              "mariadb", "mariadb-dump", "mariadb-admin"};
/// A text without any of these holds nothing that is well known.
constexpr char kHint[] = "(?i)pass|pwd|secret|token|key|credential|bearer|://";
constexpr std::size_t kShortestSecret = 4;  // shorter ones are part of other words

}  // namespace

struct Redaction::Rules {
  bool well_known = true;
  std::vector<std::unique_ptr<RE2>> known, own;
  RE2 next{kNextIsSecret}, hint{kHint};

  std::string in_text(std::string text) const {
    bool may_hold = !known.empty() && RE2::PartialMatch(text, hint);
    for (const auto& rule : known) {
      if (!may_hold) break;
      // The "@" of a URL stays.
      bool in_url = rule->pattern().find("://") != std::string::npos;
      RE2::GlobalReplace(&text, *rule, in_url ? R"(\1[redacted]@)" : R"(\1[redacted])");
    }
    for (const auto& rule : own) RE2::GlobalReplace(&text, *rule, kInstead);
    return text;
  }

  static bool has_password(std::string_view program, std::string_view word) {
    program.remove_prefix(std::min(program.rfind('/') + 1, program.size()));
    return word.size() > 2 && word.starts_with("-p") && word[2] != '-' &&
           std::find(std::begin(kWithPassword), std::end(kWithPassword), program) != std::end(kWithPassword);
  }

  void in_arguments(std::vector<std::string>& words, std::vector<std::string>& secrets) const {
    bool next_is_secret = false;
    std::string program = words.empty() ? "" : words[0];
    for (auto& word : words) {
      auto text = std::exchange(word, {});
      if (next_is_secret && text.size() >= kShortestSecret) secrets.push_back(text);
      word = next_is_secret ? std::string(kInstead) : in_text(text);
      if (well_known && has_password(program, text)) {
        if (text.size() >= kShortestSecret + 2) secrets.push_back(text.substr(2));
        word = "-p" + std::string(kInstead);
      }
      next_is_secret = well_known && text.starts_with('-') && RE2::FullMatch(text, next);
    }
  }

  void in_arguments(Json& argv, std::vector<std::string>& secrets) const {
    std::vector<std::string> words;
    for (const auto& word : argv) words.push_back(word.is_string() ? word.get<std::string>() : "");
    in_arguments(words, secrets);
    argv = words;
  }

  void in_arguments_of(Json& value, std::vector<std::string>& secrets) const {
    for (auto& [name, member] : value.items()) {
      if (name == "argv" && member.is_array()) {
        in_arguments(member, secrets);
      } else if (member.is_structured()) {
        if (member.is_object()) {
          in_arguments_of(member, secrets);
        } else {
          for (auto& one : member)
            if (one.is_object()) in_arguments_of(one, secrets);
        }
      }
    }
  }

  void in_texts_of(Json& value, const std::vector<std::string>& secrets) const {
    if (value.is_string()) {
      auto text = in_text(value.get<std::string>());
      for (const auto& secret : secrets) {
        for (auto at = text.find(secret); at != std::string::npos; at = text.find(secret, at + sizeof kInstead - 1))
          text.replace(at, secret.size(), kInstead);
      }
      value = text;
    } else if (value.is_structured()) {
      for (auto& member : value) in_texts_of(member, secrets);
    }
  }
};

Result<Redaction> Redaction::make(const std::vector<std::string>& own, bool well_known) {
  auto rules = std::make_shared<Rules>();
  rules->well_known = well_known;
  RE2::Options quiet;
  quiet.set_log_errors(false);
  if (well_known) {
    for (const auto* rule : kWellKnown) rules->known.push_back(std::make_unique<RE2>(rule, quiet));
  }
  for (const auto& rule : own) {
    auto made = std::make_unique<RE2>(rule, quiet);
    if (!made->ok()) return usage_error(phrase("--redact: '{}' is no regular expression: {}", rule, made->error()));
    rules->own.push_back(std::move(made));
  }
  return Redaction(std::move(rules));
}

std::string Redaction::in_record(const std::string& record) const {
  if (!rules_->well_known && rules_->own.empty()) return record;
  auto parsed = Json::parse(record, nullptr, false);
  if (!parsed.is_object()) return record;
  std::vector<std::string> secrets;
  rules_->in_arguments_of(parsed, secrets);
  for (const char* member : {"verdict", "process", "ancestry"}) {
    if (parsed.contains(member)) rules_->in_texts_of(parsed[member], secrets);
  }
  // A secret that reaches over several values is whole in the sentence only: where that changed, its parts go.
  auto verdict = parsed.find("verdict");
  if (verdict != parsed.end() && verdict->is_object() && !texts_agree(*verdict)) verdict->erase("texts");
  return parsed.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void Redaction::in_arguments(std::vector<std::string>& words) const {
  std::vector<std::string> secrets;
  if (rules_->well_known || !rules_->own.empty()) rules_->in_arguments(words, secrets);
}

}  // namespace stapkill
