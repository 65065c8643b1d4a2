#include "session/redaction.h"

#include <nlohmann/json.hpp>

#include "catch.h"

using namespace stapkill;

namespace {

using Json = nlohmann::json;
using Words = std::vector<std::string>;

std::string record_of(const Words& argv, const std::string& summary = "") {
  Json record = {
      {"process", {{"pid", 1}, {"argv", argv}}}, {"verdict", {{"summary", summary}}}, {"ancestry", Json::array()}};
  return record.dump();
}

Words redacted(const Words& argv, const std::vector<std::string>& own = {}, bool well_known = true) {
  auto redaction = Redaction::make(own, well_known);
  REQUIRE(redaction.has_value());
  return Json::parse(redaction->in_record(record_of(argv)))["process"]["argv"].get<Words>();
}

}  // namespace

TEST_CASE("redaction: values of well-known options", "[redaction]") {
  CHECK(redacted({"x", "--password=hunter2"}) == Words{"x", "--password=[redacted]"});
  CHECK(redacted({"x", "--password", "hunter2", "y"}) == Words{"x", "--password", "[redacted]", "y"});
  CHECK(redacted({"env", "API_TOKEN=abc", "B=1"}) == Words{"env", "API_TOKEN=[redacted]", "B=1"});
  CHECK(redacted({"curl", "-H", "Authorization: Bearer ab.cd-ef"}) ==
        Words{"curl", "-H", "Authorization: Bearer [redacted]"});
  CHECK(redacted({"psql", "postgres://me:geheim@db/x"}) == Words{"psql", "postgres://me:[redacted]@db/x"});
  CHECK(redacted({"/usr/bin/mysql", "-phunter2", "db"}) == Words{"/usr/bin/mysql", "-p[redacted]", "db"});
  CHECK(redacted({"sh", "-c", "mysql --password=hunter2 db"}) == Words{"sh", "-c", "mysql --password=[redacted] db"});
}

TEST_CASE("redaction: what is none stays", "[redaction]") {
  for (const auto& argv : {Words{"ls", "-p", "/tmp"}, Words{"ssh", "-p2222", "host"}, Words{"passwd", "alice"},
                           Words{"make", "-j2"}, Words{"http://host:80/path"}, Words{}})
    CHECK(redacted(argv) == argv);
}

TEST_CASE("redaction: a secret that a sentence repeats", "[redaction]") {
  auto redaction = Redaction::make({}, true);
  auto text = redaction->in_record(record_of({"x", "--token", "s3cr3t"}, "run by `x --token s3cr3t` (x 1)"));
  CHECK(text.find("s3cr3t") == std::string::npos);
}

TEST_CASE("redaction: the user's own expressions, and none", "[redaction]") {
  CHECK(redacted({"x", "id=12345"}, {"id=[0-9]+"}) == Words{"x", "[redacted]"});
  CHECK(redacted({"x", "--password=a"}, {}, false) == Words{"x", "--password=a"});
  auto wrong = Redaction::make({"("}, true);
  REQUIRE_FALSE(wrong.has_value());
  CHECK(wrong.error().kind == ErrorKind::usage);
  auto redaction = Redaction::make({}, true);
  CHECK(redaction->in_record("no JSON") == "no JSON");
}
