#include "cli/language.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "base/catalogue.h"
#include "sys/charset.h"

namespace stapkill {
namespace {

constexpr std::string_view kEnglish = "en";

/// What a locale's name (without its character set) and people's words mean.
struct Name {
  std::string_view word, language;
};
constexpr std::array kNames = {
    Name{"en", kEnglish},      Name{"en_US", kEnglish},     Name{"en_GB", kEnglish},   Name{"C", kEnglish},
    Name{"POSIX", kEnglish},   Name{"zh_CN", "zh_CN"},      Name{"zh", "zh_CN"},       Name{"zh_SG", "zh_CN"},
    Name{"zh-CN", "zh_CN"},    Name{"zh_Hans", "zh_CN"},    Name{"zh-Hans", "zh_CN"},  Name{"zh_CN.UTF-8", "zh_CN"},
    Name{"en_US.UTF-8", "en"}, Name{"zh_CN.utf8", "zh_CN"}, Name{"C.UTF-8", kEnglish},
};

/// "" where the word names none of this build's.
std::string_view named(std::string_view word) {
  const auto* at = std::find_if(kNames.begin(), kNames.end(), [&](const Name& name) { return name.word == word; });
  if (at == kNames.end()) return {};
  return at->language == kEnglish || has_language(at->language) ? at->language : std::string_view();
}

std::string_view variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

/// The first of `words`, which ':' separates, that names a language; "" for none.
std::string_view first_named(std::string_view words) {
  while (!words.empty()) {
    auto word = words.substr(0, words.find(':'));
    words.remove_prefix(std::min(word.size() + 1, words.size()));
    if (auto language = named(word.substr(0, word.find_first_of(".@"))); !language.empty()) return language;
  }
  return {};
}

std::string_view of_locale() {
  std::string_view locale;
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    if (locale.empty()) locale = variable(name);
  }
  auto base = locale.substr(0, locale.find_first_of(".@"));
  if (base.empty() || base == "C" || base == "POSIX" || !takes_utf8()) return kEnglish;
  auto wanted = variable("LANGUAGE");
  auto language = first_named(wanted.empty() ? locale : wanted);
  return language.empty() ? kEnglish : language;
}

}  // namespace

Result<std::string> language_for(std::string_view asked) {
  if (asked.empty()) return std::string(of_locale());
  auto language = named(asked);
  if (language.empty()) {
    return has_language("zh_CN")
               ? usage_error(phrase("--lang expects en or zh_CN, not '{}'", asked))
               : usage_error(phrase("--lang expects en, the language of this build, not '{}'", asked));
  }
  return std::string(language);
}

std::string language_word(const std::vector<std::string>& words) {
  constexpr std::string_view option = "--lang";
  for (std::size_t at = 0; at < words.size() && words[at] != "--"; ++at) {
    std::string_view word = words[at];
    if (word == option && at + 1 < words.size()) return words[at + 1];
    if (word.starts_with(option) && word.size() > option.size() && word[option.size()] == '=')
      return std::string(word.substr(option.size() + 1));
  }
  return {};
}

}  // namespace stapkill
