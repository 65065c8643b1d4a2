#include "cli/why/json.h"

#include <nlohmann/json.hpp>

#include "catch.h"
#include "store/made_history.h"

using namespace stapkill;
using Json = nlohmann::json;

TEST_CASE("why json: one document", "[why_json]") {
  WhyAnswer answer;
  answer.deaths = {made_death(1, "web"), made_death(2, "db")};
  answer.blind = {{kNow, kNow + kSecond, BlindInterval::Why::lost, 3}};
  answer.covered = std::pair(kNow, kNow + kSecond);
  answer.living = Living{};
  answer.living->process.pid = 9;
  auto json = Json::parse(why_json(answer));
  CHECK(json["schema"] == "stapkill.why/1");
  CHECK(json["deaths"].size() == 2);
  CHECK(json["deaths"][0]["type"] == "death");
  CHECK(json["blind"][0] == Json({{"since", "2023-11-14T22:13:20.000000000Z"},
                                  {"until", "2023-11-14T22:13:21.000000000Z"},
                                  {"why", "lost"},
                                  {"count", 3}}));
  CHECK(json["covered"]["until"] == "2023-11-14T22:13:21.000000000Z");
  CHECK(json["living"]["pid"] == 9);
}

TEST_CASE("why json: nothing is null or empty", "[why_json]") {
  auto json = Json::parse(why_json({}));
  CHECK(json["deaths"].empty());
  CHECK(json["blind"].empty());
  CHECK(json["covered"].is_null());
  CHECK(json["living"].is_null());
}
