#include "session/brief_death.h"

#include <nlohmann/json.hpp>

#include "catch.h"

using namespace stapkill;

namespace {

DeathRecord helper() {
  Process process;
  process.pid = 7;
  process.started = 1'700'000'000'000'000'000;
  process.comm = "grep";
  process.exe = "/usr/bin/grep";
  process.uid = 33;
  process.cgroup = "/system.slice/web.service";
  process.argv = std::vector<std::string>{"grep", "--password=hunter2", "a b"};
  Process parent;
  parent.pid = 5;
  parent.comm = "sh";
  DeathRecord record;
  record.time = process.started + 1'000'000;
  record.process = std::make_shared<const Process>(process);
  record.parent = std::make_shared<const Process>(parent);
  return record;
}

StoredDeath kept() {
  auto redaction = Redaction::make({}, true);
  REQUIRE(redaction.has_value());
  return brief_death(helper(), *redaction);
}

}  // namespace

TEST_CASE("brief death: its columns", "[brief_death]") {
  auto death = kept();
  CHECK(death.tier == Tier::brief);
  CHECK(death.pid == 7);
  CHECK(death.unit == "web.service");
  CHECK(death.cmdline == "grep '--password=[redacted]' 'a b'");
  CHECK(death.record.find("hunter2") == std::string::npos);
}

TEST_CASE("brief death: its record is one of the stream", "[brief_death]") {
  auto death = kept();
  complete_brief_death(death);
  auto record = nlohmann::json::parse(death.record);
  CHECK(record["type"] == "death");
  CHECK(record["process"]["pid"] == 7);
  CHECK(record["process"]["argv"] == nlohmann::json{"grep", "--password=[redacted]", "a b"});
  CHECK(record["process"]["unit"] == "web.service");
  CHECK(record["process"]["user"] == nullptr);
  CHECK(record["parent"]["comm"] == "sh");
  CHECK(record["exit"]["status"] == 0);
  CHECK(record["verdict"]["cause"] == "exit");
  CHECK(record["verdict"]["summary"] == "grep(7) ended by itself with exit status 0.");
  CHECK(death.summary == "grep(7) ended by itself with exit status 0.");
}

TEST_CASE("brief death: damaged columns are no crash", "[brief_death]") {
  for (const char* details :
       {"", "[]", "{", R"({"argv":7,"parent":[1],"cgroup":{}})", R"({"argv":[1,null],"parent":["a","b"]})"}) {
    auto death = kept();
    death.record = details;
    complete_brief_death(death);
    CHECK(nlohmann::json::parse(death.record)["process"]["pid"] == 7);
  }
}
