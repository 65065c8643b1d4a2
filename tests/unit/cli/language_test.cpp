#include "cli/language.h"

#include <cstdlib>
#include <map>
#include <optional>

#include "base/catalogue.h"
#include "catch.h"

using namespace stapkill;

namespace {

using Words = std::vector<std::string>;
using Variables = std::map<std::string, std::string>;

constexpr const char* kVariables[] = {"LC_ALL", "LC_CTYPE", "LC_MESSAGES", "LANG", "LANGUAGE"};

/// The environment's locale, for the time of a test; other variables of the locale are unset.
class Locale {
 public:
  explicit Locale(const Variables& values) {
    for (const char* name : kVariables) {
      const char* value = std::getenv(name);
      before_[name] = value ? std::optional<std::string>(value) : std::nullopt;
      ::unsetenv(name);
    }
    for (const auto& [name, value] : values) ::setenv(name.c_str(), value.c_str(), 1);
  }
  ~Locale() {
    for (const auto& [name, value] : before_) {
      ::unsetenv(name.c_str());
      if (value) ::setenv(name.c_str(), value->c_str(), 1);
    }
  }
  Locale(const Locale&) = delete;
  Locale& operator=(const Locale&) = delete;

 private:
  std::map<std::string, std::optional<std::string>> before_;
};

/// "zh_CN", or "en" in a build without it.
std::string chinese() {
  return has_language("zh_CN") ? "zh_CN" : "en";
}

}  // namespace

TEST_CASE("language: a locale that is not Chinese is English", "[language]") {
  const Variables locales[] = {
      {},
      {{"LANG", ""}},
      {{"LANG", "C"}},
      {{"LANG", "POSIX"}},
      {{"LANG", "C.UTF-8"}},
      {{"LANG", "en_US.UTF-8"}},
      {{"LANG", "de_DE.UTF-8"}},
      {{"LANG", "zh_TW.UTF-8"}},
      {{"LANG", "zh_HK.UTF-8"}},
      {{"LC_ALL", "C"}, {"LANG", "zh_CN.UTF-8"}},
      {{"LC_ALL", "C.UTF-8"}, {"LC_MESSAGES", "zh_CN.UTF-8"}, {"LANG", "zh_CN.UTF-8"}},
      {{"LC_MESSAGES", "en_US.UTF-8"}, {"LANG", "zh_CN.UTF-8"}},
      {{"LC_MESSAGES", "C"}, {"LANG", "zh_CN.UTF-8"}},
      {{"LANGUAGE", "zh_CN"}},
      {{"LANGUAGE", "zh_CN"}, {"LANG", "C"}},
      {{"LANGUAGE", "en:zh_CN"}, {"LANG", "zh_CN.UTF-8"}},
      {{"LANG", "\xff.UTF-8"}},
      {{"LANG", ".UTF-8"}},
      {{"LANG", std::string(10000, 'z') + ".UTF-8"}},
  };
  for (const auto& locale : locales) {
    INFO((locale.empty() ? "" : locale.rbegin()->first + "=" + locale.rbegin()->second.substr(0, 100)));
    Locale set(locale);
    CHECK(language_for("") == std::string("en"));
  }
}

TEST_CASE("language: a Chinese locale is Chinese", "[language]") {
  const Variables locales[] = {
      {{"LANG", "zh_CN.UTF-8"}},
      {{"LANG", "zh_CN.utf8"}},
      {{"LANG", "zh_CN.UTF-8@pinyin"}},
      {{"LANG", "zh_SG.UTF-8"}},
      {{"LC_MESSAGES", "zh_CN.UTF-8"}, {"LANG", "en_US.UTF-8"}},
      {{"LC_ALL", "zh_CN.UTF-8"}, {"LC_MESSAGES", "C"}, {"LANG", "C"}},
      {{"LC_ALL", ""}, {"LC_MESSAGES", ""}, {"LANG", "zh_CN.UTF-8"}},
      {{"LC_MESSAGES", "zh_CN"}, {"LC_CTYPE", "C.UTF-8"}},
      {{"LANGUAGE", "zh_CN"}, {"LANG", "en_US.UTF-8"}},
      {{"LANGUAGE", "zh_CN:en"}, {"LANG", "en_US.UTF-8"}},
      {{"LANGUAGE", "zh_TW::zh_CN"}, {"LANG", "de_DE.UTF-8"}},
      {{"LANGUAGE", ""}, {"LANG", "zh_CN.UTF-8"}},
  };
  for (const auto& locale : locales) {
    INFO((locale.rbegin()->first + "=" + locale.rbegin()->second));
    Locale set(locale);
    CHECK(language_for("") == chinese());
  }
}

TEST_CASE("language: a locale without UTF-8 is English", "[language]") {
  const Variables locales[] = {
      {{"LANG", "zh_CN.GBK"}},
      {{"LANG", "zh_CN.GB18030"}},
      {{"LANG", "zh_CN"}},
      {{"LC_ALL", "zh_CN.GBK"}, {"LANG", "zh_CN.UTF-8"}},
      {{"LC_CTYPE", "zh_CN.GBK"}, {"LANG", "zh_CN.UTF-8"}},
      {{"LC_MESSAGES", "zh_CN.UTF-8"}},
  };
  for (const auto& locale : locales) {
    INFO((locale.begin()->first + "=" + locale.begin()->second));
    Locale set(locale);
    CHECK(language_for("") == std::string("en"));
  }
}

TEST_CASE("language: the word of --lang comes before the locale", "[language]") {
  Locale set(Variables{{"LC_ALL", "C"}, {"LANGUAGE", "en"}});
  for (const char* word : {"en", "C", "en_US", "en_US.UTF-8"}) CHECK(language_for(word) == std::string("en"));
  if (has_language("zh_CN")) {
    for (const char* word : {"zh_CN", "zh", "zh-CN", "zh_Hans", "zh_CN.UTF-8"})
      CHECK(language_for(word) == std::string("zh_CN"));
  }
  Locale other(Variables{{"LC_ALL", "zh_CN.UTF-8"}});
  CHECK(language_for("en") == std::string("en"));
}

TEST_CASE("language: a word that names none is a usage error", "[language]") {
  for (const char* word : {"fr", "ZH", "zh_TW", "zh_CN.GBK", "zh_C", "chinese", " ", "{}"}) {
    auto language = language_for(word);
    REQUIRE_FALSE(language.has_value());
    CHECK(language.error().kind == ErrorKind::usage);
    auto message = language.error().message.english();
    CHECK(message.starts_with("--lang expects en"));
    CHECK(message.ends_with(", not '" + std::string(word) + "'"));
  }
}

TEST_CASE("language: the word of --lang on a command line", "[language]") {
  const std::pair<Words, const char*> rows[] = {
      {{}, ""},
      {{"--lang", "zh_CN"}, "zh_CN"},
      {{"--lang=zh_CN"}, "zh_CN"},
      {{"watch", "--pid", "1", "--lang", "en"}, "en"},
      {{"--lang", "zh_CN", "--lang=en"}, "zh_CN"},
      {{"--lang"}, ""},
      {{"--lang="}, ""},
      {{"--language=zh_CN"}, ""},
      {{"--langzh_CN"}, ""},
      {{"-lang", "zh_CN"}, ""},
      {{"watch", "--", "sh", "--lang", "zh_CN"}, ""},
      {{"watch", "--lang=en", "--", "sh", "--lang=zh_CN"}, "en"},
  };
  for (const auto& [words, expected] : rows) {
    INFO((words.empty() ? "" : words.back()));
    CHECK(language_word(words) == expected);
  }
}
