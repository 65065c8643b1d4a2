#include "base/phrase.h"

#include <cctype>
#include <limits>

#include "base/catalogue.h"
#include "base/made_catalogue.h"
#include "catch.h"

using namespace stapkill;

namespace {

const std::string kMo = made_mo({
    {"", "header"},
    {" and {}", "和 {}"},
    {"braces {{{}}}", "花括号 {{{}}}"},
    {"its parent {}", "它的父进程 {}"},
    {"no values {release}", "没有值 {release}"},
    {"one hole {}", "三个洞 {} {0} {7}"},
    {"{0} asked {1}, {0} waited", "{1} 被 {0} 要求"},
    {"{} ended", "{} 结束了"},
    {"{} was killed by {}", "{1} 杀死了 {0}"},
});

std::string chinese(const Phrase& phrase) {
  return phrase.in(Catalogue(kMo));
}

std::string in_capitals(std::string_view bytes) {
  std::string out;
  for (unsigned char byte : bytes) out += static_cast<char>(std::toupper(byte));
  return out;
}

}  // namespace

TEST_CASE("phrase: bytes are the same in every language", "[phrase]") {
  for (const std::string& bytes : {std::string("sleep 60"), std::string("{} was killed by {}"), std::string("{{}"),
                                   std::string("\0m\x01", 3), std::string("\xff\xfe"), std::string(300, 'x')}) {
    Phrase phrase(bytes);
    CHECK_FALSE(phrase.has_message());
    CHECK(phrase.english() == bytes);
    CHECK(chinese(phrase) == bytes);
  }
  CHECK(Phrase().empty());
  CHECK(Phrase("").empty());
  CHECK(Phrase().english().empty());
}

TEST_CASE("phrase: holes in every form", "[phrase]") {
  CHECK(phrase("{} was killed by {}", "a", "b").english() == "a was killed by b");
  CHECK(phrase("{0} asked {1}, {0} waited", "a", "b").english() == "a asked b, a waited");
  CHECK(phrase("{1}{0}", "a", "b").english() == "ba");
  CHECK(phrase("{}", "").english().empty());
  CHECK(phrase("{}{}{}", 1, 2, 3).english() == "123");
}

TEST_CASE("phrase: a translation may have its holes in another order", "[phrase]") {
  CHECK(chinese(phrase("{} was killed by {}", "a", "b")) == "b 杀死了 a");
  CHECK(chinese(phrase("{0} asked {1}, {0} waited", "a", "b")) == "b 被 a 要求");
  CHECK(chinese(phrase("one hole {}", "x")) == "三个洞 x x ");  // a hole without a value is left out
}

TEST_CASE("phrase: two braces are one where there are values", "[phrase]") {
  CHECK(phrase("braces {{{}}}", "x").english() == "braces {x}");
  CHECK(chinese(phrase("braces {{{}}}", "x")) == "花括号 {x}");
  CHECK(phrase("a {{b}} {}", 1).english() == "a {b} 1");
}

TEST_CASE("phrase: a message without values is taken as it is", "[phrase]") {
  CHECK(phrase("no values {release}").english() == "no values {release}");
  CHECK(chinese(phrase("no values {release}")) == "没有值 {release}");
  CHECK(chinese(phrase_from(msgid("no values {release}"))) == "没有值 {release}");
  CHECK(phrase("{}").english() == "{}");
  CHECK(phrase("{{").english() == "{{");
  CHECK(phrase("").empty());
  CHECK(phrase_from("").empty());
}

TEST_CASE("phrase: values that look like holes, messages or codes are bytes", "[phrase]") {
  for (const std::string& value :
       {std::string("{}"), std::string("{0}{1}"), std::string("}}"), std::string("{"), std::string("b\x03xyz"),
        std::string("m\x01{\x01\x02"
                    "b"),
        std::string("\0", 1), std::string("\x80\x80\x80"), std::string(127, 'b'), std::string(128, 'm'),
        std::string(20000, '\xff'), std::string("{} ended")}) {
    CHECK(phrase("{} was killed by {}", value, "b").english() == value + " was killed by b");
    CHECK(phrase("{} was killed by {}", "a", value).english() == "a was killed by " + value);
    CHECK(chinese(phrase("{} was killed by {}", value, value)) == value + " 杀死了 " + value);
    CHECK(chinese(value + phrase("{} ended", "x")) == value + "x 结束了");
  }
}

TEST_CASE("phrase: whole numbers of every type", "[phrase]") {
  CHECK(phrase("{}", -5).english() == "-5");
  CHECK(phrase("{}", std::numeric_limits<std::int64_t>::min()).english() == "-9223372036854775808");
  CHECK(phrase("{}", std::numeric_limits<std::uint64_t>::max()).english() == "18446744073709551615");
  CHECK(phrase("{}", std::size_t{0}).english() == "0");
  CHECK(phrase("{}", std::uint8_t{200}).english() == "200");
}

TEST_CASE("phrase: texts and strings of every kind as values", "[phrase]") {
  const char* pointer = "pointer";
  CHECK(phrase("{} {} {} {}", pointer, std::string("string"), std::string_view("view"), Phrase("phrase")).english() ==
        "pointer string view phrase");
}

TEST_CASE("phrase: a phrase within a phrase is translated too", "[phrase]") {
  auto parent = phrase("its parent {}", "sh(1)");
  auto whole = phrase("{} was killed by {}", parent, phrase("its parent {}", parent));
  CHECK(whole.english() == "its parent sh(1) was killed by its parent its parent sh(1)");
  CHECK(chinese(whole) == "它的父进程 它的父进程 sh(1) 杀死了 它的父进程 sh(1)");
  auto deep = parent;
  std::string expected = "它的父进程 sh(1)";
  for (int depth = 0; depth < 100; ++depth) {
    deep = phrase("{} ended", deep);
    expected += " 结束了";
  }
  CHECK(chinese(deep) == expected);
}

TEST_CASE("phrase: joined phrases are translated one by one", "[phrase]") {
  auto joined = phrase("its parent {}", "sh(1)") + phrase(" and {}", "cron(2)") + " {}" + Phrase();
  CHECK(joined.english() == "its parent sh(1) and cron(2) {}");
  CHECK(chinese(joined) == "它的父进程 sh(1)和 cron(2) {}");
  Phrase list;
  for (const char* name : {"a", "b"}) list += list.empty() ? Phrase(name) : phrase(" and {}", name);
  CHECK(list.english() == "a and b");
  CHECK(chinese(phrase("{} ended", list)) == "a和 b 结束了");
}

TEST_CASE("phrase: where a string is wanted it is its English", "[phrase]") {
  std::string text = phrase("{} ended", "sh");
  CHECK(text == "sh ended");
  CHECK(phrase("{} ended", "sh") == "sh ended");
  CHECK(phrase("{} ended", "sh") == std::string("sh ended"));
  CHECK(phrase("{} ended", "sh") == std::string_view("sh ended"));
  CHECK_FALSE(phrase("{} ended", "sh") == "bash ended");
}

TEST_CASE("phrase: two are equal that have the same messages and values", "[phrase]") {
  CHECK(phrase("{} ended", "sh") == phrase("{} ended", std::string("sh")));
  CHECK_FALSE(phrase("{} ended", "sh") == phrase("{} ended", "su"));
  CHECK_FALSE(phrase("{} ended", "sh") == Phrase("sh ended"));
}

TEST_CASE("phrase: has_message says whether it depends on the language", "[phrase]") {
  CHECK_FALSE(Phrase().has_message());
  CHECK_FALSE((Phrase("a") + "b").has_message());
  CHECK(phrase("x").has_message());
  CHECK((Phrase("a") + phrase("{} ended", "b")).has_message());
}

TEST_CASE("phrase: with_bytes changes bytes and leaves messages", "[phrase]") {
  auto whole = "a " + phrase("{} was killed by {}", "b", phrase("its parent {}", "sh(1)")) + " c";
  auto changed = whole.with_bytes(in_capitals);
  CHECK(changed.english() == "A B was killed by its parent SH(1) C");
  CHECK(chinese(changed) == "A 它的父进程 SH(1) 杀死了 B C");
  auto without = whole.with_bytes([](std::string_view) { return std::string(); });
  CHECK(without.english() == " was killed by its parent ");
  CHECK(whole.with_bytes([](std::string_view bytes) { return std::string(bytes); }) == whole);
  CHECK(Phrase().with_bytes(in_capitals).empty());
}

TEST_CASE("phrase: parts gives all in order", "[phrase]") {
  std::string seen;
  auto show = [&](const Phrase& phrase) {
    phrase.parts([&](std::string_view bytes) { seen += "bytes " + std::string(bytes) + '\n'; },
                 [&](std::string_view message, const std::vector<Phrase>& values) {
                   seen += "message " + std::string(message);
                   for (const auto& value : values) seen += " [" + value.english() + ']';
                   seen += '\n';
                 });
  };
  show("x" + phrase("{} was killed by {}", "b", phrase("its parent {}", 1)) + phrase("no values {release}") + "y");
  CHECK(seen == "bytes x\nmessage {} was killed by {} [b] [its parent 1]\nmessage no values {release}\nbytes y\n");
  seen.clear();
  show(Phrase());
  CHECK(seen.empty());
}

TEST_CASE("phrase: tr is the process's language at once", "[phrase]") {
  speak("en");
  CHECK(tr("{} ended", "sh") == "sh ended");
  CHECK(tr("braces {{{}}}", 5) == "braces {5}");
  CHECK(tr_from("{} ended") == "{} ended");
  CHECK(phrase("{} ended", "sh").local() == "sh ended");
}
