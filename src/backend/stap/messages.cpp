#include "backend/stap/messages.h"

#include <re2/re2.h>
#include <re2/set.h>

#include <algorithm>
#include <memory>

#include "backend/stap/log_text.h"

namespace stapkill {
namespace {

std::vector<const Message*> all_messages() {
  std::vector<const Message*> all;
  for (auto table : {running_messages(), starting_messages(), loading_messages(), kernel_messages(), crash_messages(),
                     preparing_messages(), script_messages(), probe_messages(), analysis_messages(),
                     toolchain_messages(), building_messages(), context_messages()}) {
    for (const auto& message : table) all.push_back(&message);
  }
  return all;
}

re2::RE2::Options pattern_options() {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_encoding(re2::RE2::Options::EncodingLatin1);  // a log is bytes
  options.set_never_capture(true);
  options.set_max_mem(64 << 20);
  return options;
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    auto end = text.find(' ');
    words.push_back(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return words;
}

re2::StringPiece pattern_of(const Message& message) {
  return {message.pattern.data(), message.pattern.size()};
}

/// The first message whose own pattern fits: for a line that makes the joint automaton too large.
const Message* first_that_fits(re2::StringPiece text) {
  static const std::vector<std::unique_ptr<re2::RE2>> patterns = [] {
    std::vector<std::unique_ptr<re2::RE2>> all;
    for (const auto* message : messages()) {
      all.push_back(std::make_unique<re2::RE2>(pattern_of(*message), pattern_options()));
    }
    return all;
  }();
  auto at = std::find_if(patterns.begin(), patterns.end(),
                         [&](const auto& pattern) { return re2::RE2::PartialMatch(text, *pattern); });
  return at == patterns.end() ? nullptr : messages()[static_cast<std::size_t>(at - patterns.begin())];
}

/// All patterns as one automaton.
class Recogniser {
 public:
  Recogniser() : set_(pattern_options(), re2::RE2::UNANCHORED) {
    for (const auto* message : messages()) set_.Add(pattern_of(*message), nullptr);
    compiled_ = set_.Compile();
  }

  const Message* operator()(std::string_view line) const {
    re2::StringPiece text(line.data(), line.size());
    std::vector<int> found;
    re2::RE2::Set::ErrorInfo error{};
    if (compiled_ && set_.Match(text, &found, &error)) {
      return messages()[static_cast<std::size_t>(*std::min_element(found.begin(), found.end()))];
    }
    return compiled_ && error.kind == re2::RE2::Set::kNoError ? nullptr : first_that_fits(text);
  }

 private:
  re2::RE2::Set set_;
  bool compiled_ = false;
};

}  // namespace

std::span<const Message* const> messages() {
  static const std::vector<const Message*> all = all_messages();
  return all;
}

const Message* recognise(std::string_view line) {
  return recognise_clean(clean_line(line.substr(0, kLongestMessage)).text);
}

const Message* recognise_clean(std::string_view line) {
  static const Recogniser recogniser;
  return recogniser(untranslated(line.substr(0, kLongestMessage)));
}

bool explains(const Message& message, const Message& other) {
  auto ids = words_of(message.explains);
  return std::find(ids.begin(), ids.end(), other.id) != ids.end();
}

std::vector<std::string> options_of(const Message& message) {
  auto options = words_of(message.options);
  return {options.begin(), options.end()};
}

std::string doctor_command(const Message& message) {
  if (message.check.empty()) return {};
  // doctor runs the module only with --deep.
  return std::string("stapkill doctor ") + (message.check == "smoke.run" ? "--deep " : "") + "--only " +
         std::string(message.check);
}

DiagnosticRecord diagnostic_of(const Message& message, std::string_view line) {
  DiagnosticRecord record;
  record.level = message.level;
  record.id = message.id;
  record.message = line;
  record.remedy = phrase_from(message.remedy);
  record.check = message.check;
  std::string options;
  for (const auto& option : options_of(message)) options += " --stap-arg=" + option;
  if (!options.empty()) record.remedy += phrase(": run again with{}", options);
  if (!message.check.empty()) record.remedy += phrase(" (`{}` shows more)", doctor_command(message));
  return record;
}

std::optional<DiagnosticRecord> explain_message(std::string_view line) {
  const auto* message = recognise(line);
  return message ? std::optional(diagnostic_of(*message, line)) : std::nullopt;
}

}  // namespace stapkill
