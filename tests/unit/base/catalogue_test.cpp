#include "base/catalogue.h"

#include <vector>

#include "base/made_catalogue.h"
#include "catch.h"

using namespace stapkill;

namespace {

const std::map<std::string, std::string> kTexts = {
    {"", "Content-Type: text/plain; charset=UTF-8\n"},
    {"a", "甲"},
    {"a message", "一条消息"},
    {"b", "乙"},
    {"not translated", ""},
    {"{} was killed by {}", "{} 被 {} 杀死"},
};

/// On the heap with its exact size: AddressSanitizer sees a read after its end.
std::vector<char> exact(std::string_view bytes) {
  return {bytes.begin(), bytes.end()};
}

Catalogue catalogue_of(const std::vector<char>& bytes) {
  return Catalogue({bytes.data(), bytes.size()});
}

}  // namespace

TEST_CASE("catalogue: without a file every message is its own text", "[catalogue]") {
  Catalogue english;
  CHECK(english.size() == 0);
  CHECK(english.text("a message") == "a message");
  CHECK(english.text("").empty());
}

TEST_CASE("catalogue: every message of a file has its text", "[catalogue]") {
  auto mo = made_mo(kTexts);
  Catalogue chinese(mo);
  CHECK(chinese.size() == kTexts.size());
  CHECK(chinese.text("a") == "甲");
  CHECK(chinese.text("a message") == "一条消息");
  CHECK(chinese.text("b") == "乙");
  CHECK(chinese.text("{} was killed by {}") == "{} 被 {} 杀死");
}

TEST_CASE("catalogue: a message that the file does not have stays English", "[catalogue]") {
  auto mo = made_mo(kTexts);
  Catalogue chinese(mo);
  for (const char* message : {"A", "a ", "a messag", "a messages", "zzz", " "}) CHECK(chinese.text(message) == message);
  CHECK(chinese.text("not translated") == "not translated");
  CHECK(chinese.text("").empty());  // not the file's header
  CHECK(Catalogue(made_mo({})).text("a") == "a");
}

TEST_CASE("catalogue: bytes that are no such file are English", "[catalogue]") {
  auto mo = made_mo(kTexts);
  auto other_order = "\x95\x04\x12\xde" + mo.substr(4);
  for (const auto& bytes : {std::string(), std::string("\xde"), std::string("no catalogue, but long enough for one"),
                            std::string(100, '\0'), std::string(100, '\xff'), other_order}) {
    Catalogue none(bytes);
    CHECK(none.size() == 0);
    CHECK(none.text("a") == "a");
  }
}

TEST_CASE("catalogue: a file cut at any length has a text for each message", "[catalogue]") {
  auto mo = made_mo(kTexts);
  for (std::size_t size = 0; size < mo.size(); ++size) {
    auto bytes = exact(mo.substr(0, size));
    auto cut = catalogue_of(bytes);
    for (const auto& [message, text] : kTexts) {
      auto found = cut.text(message);
      CHECK((found == message || found == text));
    }
  }
}

TEST_CASE("catalogue: wrong numbers in a file do no harm", "[catalogue]") {
  auto mo = made_mo(kTexts);
  const std::size_t numbers[] = {0, 1, 7, mo.size() - 1, mo.size(), 0x7fffffff, 0x80000000, 0xfffffff8, 0xffffffff};
  std::size_t tables_end = 28 + 2 * 8 * kTexts.size();
  for (std::size_t at = 4; at < tables_end; at += 4) {
    for (auto number : numbers) {
      auto bytes = exact(mo.substr(0, at) + mo_number(number) + mo.substr(at + 4));
      auto damaged = catalogue_of(bytes);
      for (const auto& [message, text] : kTexts) CHECK(damaged.text(message).empty() == message.empty());
    }
  }
}

TEST_CASE("catalogue: any damaged byte does no harm", "[catalogue]") {
  auto mo = made_mo(kTexts);
  for (std::size_t at = 0; at < mo.size(); ++at) {
    for (char byte : {'\0', '\x01', '\x7f', '\xff'}) {
      auto bytes = exact(mo);
      bytes[at] = byte;
      auto damaged = catalogue_of(bytes);
      for (const auto& [message, text] : kTexts) CHECK(damaged.text(message).empty() == message.empty());
    }
  }
}

TEST_CASE("catalogue: the process speaks a language of the build, else English", "[catalogue]") {
  CHECK(spoken_name() == "en");
  CHECK_FALSE(has_language("xx"));
  CHECK_FALSE(has_language(""));
  for (const char* name : {"xx", "", "zh_CN/../zh_CN", "en"}) {
    speak(name);
    CHECK(spoken_name() == "en");
    CHECK(spoken().size() == 0);
  }
  if (has_language("zh_CN")) {
    speak("zh_CN");
    CHECK(spoken_name() == "zh_CN");
    CHECK(spoken().size() > 0);
  }
  speak("en");
  CHECK(spoken().size() == 0);
}
