#include "report/json_document.h"

#include <nlohmann/json.hpp>

#include "catch.h"
#include "report/renderer.h"

using namespace stapkill;
using Json = nlohmann::json;
using Part = JsonDocument::Part;

namespace {

const std::string kSession = R"({"type":"session"})", kSummary = R"({"type":"summary"})", kOther = R"({"type":"x"})";

Json document(std::initializer_list<std::string> records, bool several = false, std::string_view sums = "null") {
  JsonDocument document(several);
  std::string out;
  for (const auto& record : records) document.add(out, part_of(Json::parse(record)["type"].get<std::string>()), record);
  document.end(out, sums);
  CHECK(out.ends_with("}\n"));
  auto json = Json::parse(out, nullptr, false);
  REQUIRE(json.is_object());
  CHECK(json["schema"] == "stapkill.report/1");
  return json;
}

}  // namespace

TEST_CASE("document: session, records and summary have their places", "[report]") {
  auto json = document({kSession, kOther, kOther, kSummary});
  CHECK(json["session"] == Json::parse(kSession));
  CHECK(json["records"] == Json({Json::parse(kOther), Json::parse(kOther)}));
  CHECK(json["summary"] == Json::parse(kSummary));
}

TEST_CASE("document: it is whole without any of them", "[report]") {
  for (const auto& json : {document({}), document({kSession}), document({kOther}), document({kSummary})}) {
    CHECK(json.contains("session"));
    CHECK(json["records"].is_array());
    CHECK(json.contains("summary"));
  }
  CHECK(document({})["session"].is_null());
  CHECK(document({kSession})["records"].empty());
  CHECK(document({kOther})["records"].size() == 1);
}

TEST_CASE("document: streams that were put one behind the other", "[report]") {
  auto json = document({kSession, kSummary, kSession, kOther, kSummary});
  CHECK(json["session"] == Json::parse(kSession));
  CHECK(json["records"] == Json({Json::parse(kSummary), Json::parse(kSession), Json::parse(kOther)}));
  CHECK(json["summary"] == Json::parse(kSummary));
}

TEST_CASE("document: of several streams all are records, and the sums are the summary", "[report]") {
  auto json = document({kSession, kSession, kSummary, kSummary}, true, R"({"deaths":2})");
  CHECK(json["session"].is_null());
  CHECK(json["records"].size() == 4);
  CHECK(json["summary"]["deaths"] == 2);
}

TEST_CASE("document: a renderer closes it", "[report]") {
  auto renderer = make_json_renderer();
  std::string out;
  SessionRecord session;
  session.hostname = "db1";
  renderer->render(Record(session), out);
  renderer->render(Record(LossRecord{1, 2, "here"}), out);
  CHECK_FALSE(Json::accept(out));
  renderer->finish(out);
  auto json = Json::parse(out, nullptr, false);
  REQUIRE(json.is_object());
  CHECK(json["session"]["host"]["hostname"] == "db1");
  CHECK(json["records"][0]["count"] == 2);
  CHECK(json["summary"].is_null());
}
