#include "report/phrase_json.h"

#include <nlohmann/json.hpp>

#include "catch.h"

using namespace stapkill;
using Json = nlohmann::json;

namespace {

std::string json_of(const Phrase& phrase) {
  std::string out;
  append_phrase(out, phrase);
  return out;
}

Phrase read_again(const Phrase& phrase) {
  return phrase_in(Json::parse(json_of(phrase)));
}

std::string deep(int depth) {
  std::string text = R"j("x")j";
  for (int i = 0; i < depth; ++i) text = R"j([{"message":"({})","values":[)j" + text + "]}]";
  return text;
}

}  // namespace

TEST_CASE("a text that is the same in every language is a string") {
  CHECK(json_of(Phrase("nginx(12)")) == R"j("nginx(12)")j");
  CHECK(json_of(Phrase()) == R"j("")j");
  CHECK(json_of(Phrase("a\n\"b\" \xff")) == "\"a\\n\\\"b\\\" \xef\xbf\xbd\"");
}

TEST_CASE("messages stand with their values") {
  CHECK(json_of(phrase("it ended")) == R"j([{"message":"it ended"}])j");
  CHECK(json_of(phrase("{} killed {}", "a(1)", 2) + " at once") ==
        R"j([{"message":"{} killed {}","values":["a(1)","2"]}," at once"])j");
  CHECK(json_of(phrase("{}!", phrase("{} ended", "a"))) ==
        R"j([{"message":"{}!","values":[[{"message":"{} ended","values":["a"]}]]}])j");
}

TEST_CASE("a text that is written is read again") {
  for (const auto& one :
       {Phrase(), Phrase("bytes"), phrase("it ended"), phrase("{}, {}", phrase("in {}", "x"), 3) + "y",
        Phrase("a") + phrase("b") + phrase("{0} {1}", "\x01\x7f", "{}") + "{}"}) {
    CHECK(read_again(one) == one);
    CHECK(read_again(one).english() == one.english());
  }
}

TEST_CASE("foreign JSON is no text, or a part of one") {
  for (const char* text : {"null", "1", "{}", "[]", "[1,null,{}]", R"j([{"message":1}])j", R"j([{"values":["x"]}])j",
                           R"j([[["x"]]])j", R"j([{"message":""}])j"})
    CHECK(phrase_in(Json::parse(text)).english().empty());
  CHECK(phrase_in(Json::parse(R"j([{"message":"{} {}","values":["x"]}])j")).english() == "x ");
  CHECK(phrase_in(Json::parse(R"j([{"message":"{9} {","values":["x"]}])j")).english() == " {");
  CHECK(phrase_in(Json::parse(R"j([{"message":"a","values":"x"}])j")).english() == "a");
}

TEST_CASE("values of a text nest eight deep at most") {
  CHECK(phrase_in(Json::parse(deep(7))).english() == "(((((((x)))))))");
  CHECK(phrase_in(Json::parse(deep(2000))).english() == "(((((((())))))))");
}

TEST_CASE("a text is used only where it says what the English says") {
  auto json = Json::parse(R"j([{"message":"{} ended","values":["a(1)"]}])j");
  CHECK(phrase_in(json, "a(1) ended").has_message());
  CHECK(phrase_in(json, "b(2) ended") == Phrase("b(2) ended"));
  CHECK(phrase_in(Json(), "b(2) ended") == Phrase("b(2) ended"));
}
