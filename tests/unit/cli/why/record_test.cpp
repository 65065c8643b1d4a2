#include "cli/why/record.h"

#include "catch.h"

using namespace stapkill;

TEST_CASE("why record: what a death's record says", "[why_record]") {
  auto death = read_record(R"json({"type":"death","process":{"pid":7,"comm":"web","start":"s7"},
    "parent":{"pid":1,"comm":"init","start":"s1"},"exit":{"kind":"exit","signal":null,"status":3},
    "verdict":{"chain":[{"what":"signal","process":{"pid":9,"comm":"kill","start":"s9"},"signal_name":"SIGTERM",
      "through":"kill(2)","time":"2023-11-14T22:13:20.500000000Z","confidence":"likely"},
      {"what":"limit","process":null,"signal_name":null,"through":null,"time":"2023-11-14T22:13:21Z"}],
      "evidence":["one","two"]},
    "ancestry":[{"pid":5,"comm":"sh","start":"s5"}]})json");
  CHECK(name_of(death.process) == "web(7)");
  CHECK(name_of(death.parent) == "init(1)");
  CHECK(death.status == 3);
  REQUIRE(death.chain.size() == 2);
  CHECK(death.chain[0].time == 1'700'000'000'500'000'000);
  CHECK(name_of(death.chain[0].process) == "kill(9)");
  CHECK(death.chain[0].signal == "SIGTERM");
  CHECK(death.chain[0].through == "kill(2)");
  CHECK(death.chain[0].likely);
  CHECK(name_of(death.chain[1].process).empty());
  CHECK_FALSE(death.chain[1].likely);
  CHECK(std::vector<std::string>(death.evidence.begin(), death.evidence.end()) ==
        std::vector<std::string>{"one", "two"});
  REQUIRE(death.ancestry.size() == 1);
  CHECK(name_of(death.ancestry[0]) == "sh(5)");
}

TEST_CASE("why record: nothing in it is trusted", "[why_record]") {
  for (const char* text :
       {"", "{", "null", "[]", "7", R"({"process":7,"parent":[],"verdict":null})",
        R"({"process":{"pid":"x","comm":7},"verdict":{"chain":{"a":7},"evidence":"no"},"ancestry":1})",
        R"({"process":{"pid":1e300},"verdict":{"chain":[7,null,[]],"evidence":[7,null]}})"}) {
    INFO(text);
    auto death = read_record(text);
    CHECK(name_of(death.process).empty());
    CHECK(death.evidence.empty());
    for (const auto& step : death.chain) CHECK(step.time == 0);
  }
}

TEST_CASE("why record: what can be part of JSON", "[why_record]") {
  CHECK(is_json(R"({"a":[1]})"));
  CHECK_FALSE(is_json("{"));
  CHECK_FALSE(is_json(""));
}
