#include "session/verdict_texts.h"

#include <nlohmann/json.hpp>

#include "catch.h"
#include "report/json.h"
#include "report/phrase_json.h"
#include "session/redaction.h"

using namespace stapkill;

namespace {

using Json = nlohmann::ordered_json;

/// A death whose command line `by` is a value of its sentences.
std::string record_of(const std::string& by, bool is_once = false) {
  Process process;
  process.pid = 136;
  process.comm = "server";
  DeathRecord record;
  record.process = std::make_shared<const Process>(process);
  record.verdict.summary = phrase("{} was killed by {} from {}", "server(136)", "SIGKILL", "kill(148)") +
                           phrase(", run by {}", by) + phrase(" (bash {})", 135);
  record.verdict.evidence = {phrase("status delivered: {}", 9), Phrase("kill -9 136")};
  std::string text;
  ProcessJson processes;
  append_json(text, Record(record), processes);
  text.pop_back();  // its newline
  return is_once ? with_sentences_once(text) : text;
}

Json verdict_in(const std::string& record) {
  return Json::parse(record)["verdict"];
}

std::string redacted(const std::string& record, const std::string& own) {
  auto redaction = Redaction::make({own}, true);
  REQUIRE(redaction.has_value());
  return redaction->in_record(record);
}

}  // namespace

TEST_CASE("verdict texts: a stored record has its sentences once, and is whole again", "[verdict_texts]") {
  auto record = record_of("deploy:3");
  REQUIRE(texts_agree(verdict_in(record)));
  auto once = with_sentences_once(record);
  CHECK(once.size() < record.size());
  CHECK(once.find("server(136) was killed by SIGKILL") == std::string::npos);
  CHECK(with_all_sentences(once) == record);
}

TEST_CASE("verdict texts: what does not agree is stored as it is", "[verdict_texts]") {
  auto other = Json::parse(record_of("deploy:3"));
  other["verdict"]["texts"]["evidence"].erase(1);
  auto none = Json::parse(record_of("deploy:3"));
  none["verdict"].erase("texts");
  for (const std::string& record :
       {other.dump(), none.dump(), std::string("no JSON"), std::string(R"({"type":"death"})"),
        std::string(R"({"verdict":{"summary":"a","evidence":{},"texts":{"summary":"a","evidence":[]}}})")}) {
    CHECK(with_sentences_once(record) == record);
    CHECK(with_all_sentences(record) == record);
  }
}

TEST_CASE("verdict texts: damaged ones are no crash", "[verdict_texts]") {
  for (const char* verdict : {R"({"texts":true})", R"({"texts":true,"summary":7,"evidence":{}})",
                              R"({"texts":true,"summary":[{"message":1}],"evidence":[{},[[]],null]})"}) {
    auto whole = Json::parse(with_all_sentences(std::string(R"({"verdict":)") + verdict + "}"))["verdict"];
    CHECK(whole["summary"] == "");
    CHECK(whole["texts"].is_object());
  }
}

TEST_CASE("verdict texts: a secret in one value is taken out of it", "[verdict_texts]") {
  auto record = redacted(record_of("deploy --token s3cr3t:3"), "no such text");
  CHECK(record.find("s3cr3t") == std::string::npos);
  CHECK(texts_agree(verdict_in(record)));
  CHECK(with_all_sentences(with_sentences_once(record)) == record);
}

TEST_CASE("verdict texts: a pattern that reaches over values leaves no part of a secret", "[verdict_texts]") {
  // Over the end of a value, over the words between two values, and over most of the sentence.
  for (const char* own : {R"(hunter2 \(bash \d+)", R"(kill\(148\), run by hunter2)", R"(SIGKILL from .*hunter2)"}) {
    auto record = redacted(record_of("hunter2"), own);
    CAPTURE(own);
    CHECK(record.find("hunter2") == std::string::npos);
    CHECK_FALSE(verdict_in(record).contains("texts"));
    CHECK(with_sentences_once(record) == record);
  }
  CHECK_FALSE(verdict_in(redacted(record_of("x"), "delivered: 9")).contains("texts"));
}
