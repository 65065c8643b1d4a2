#include "store/record_text.h"

#include <map>

#include "catch.h"

using namespace stapkill;

TEST_CASE("record text: processes are taken out and put in again", "[record_text]") {
  std::map<std::string, std::int64_t> numbers;
  std::map<std::int64_t, std::string> texts;
  auto number = [&](const std::string& text) {
    auto [at, added] = numbers.emplace(text, static_cast<std::int64_t>(numbers.size()) + 1);
    texts[at->second] = text;
    return at->second;
  };
  const std::string init = R"({"pid":1,"comm":"init","start":"t","argv":["a \" b"]})";
  const std::string record = R"({"type":"death","process":{"pid":7,"comm":"\u0001","start":"t"},"parent":)" + init +
                             R"(,"verdict":{"chain":[{"process":)" + init + R"(,"n":null}]},"ancestry":[)" + init +
                             "]}";
  auto without = without_processes(record, number);
  CHECK(numbers.size() == 2);
  CHECK(without.find("init") == std::string::npos);
  CHECK(with_processes(without, [&](std::int64_t at) { return texts[at]; }) == record);
  CHECK(with_processes(without, [](std::int64_t) { return std::string(); }).find("\"parent\":null") !=
        std::string::npos);
}

TEST_CASE("record text: what is no JSON stays", "[record_text]") {
  for (const char* text : {"", "{", "nonsense", "\xff"}) {
    CHECK(without_processes(text, [](const std::string&) { return 1; }) == text);
    CHECK(with_processes(text, [](std::int64_t) { return ""; }) == text);
  }
}

TEST_CASE("record text: what is nested too deeply is left out", "[record_text]") {
  std::string deep = R"({"a":1,"b":)" + std::string(100'000, '[') + std::string(100'000, ']') + "}";
  auto text = with_processes(deep, [](std::int64_t) { return std::string(); });
  CHECK(text.starts_with(R"({"a":1)"));
  CHECK(text.size() < 1000);
  auto reference = with_processes(R"({"a":{"$":1}})", [&](std::int64_t) { return deep; });
  CHECK(reference.size() < 1000);
}
