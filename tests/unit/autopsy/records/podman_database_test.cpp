#include "autopsy/records/podman_database.h"

#include <sqlite3.h>

#include "autopsy/records/foreign_json.h"
#include "autopsy/records/podman_state.h"
#include "autopsy/records/shown.h"
#include "catch.h"
#include "temporary.h"

using namespace stapkill;
using shown::Texts;

namespace {

const std::string kA(64, 'a'), kB(64, 'b');
constexpr std::string_view kPath = "var/lib/containers/storage/db.sql";

void make(const Temporary& root, const std::string& sql) {
  auto path = root.write(kPath, "");
  sqlite3* handle = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &handle) == SQLITE_OK);
  CHECK(sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(handle);
}

/// podman 4.8, libpod/sqlite_state_internal.go, without its constraints.
const std::string kTables =
    "CREATE TABLE ContainerConfig(ID TEXT PRIMARY KEY NOT NULL, Name TEXT, PodID TEXT, JSON TEXT NOT NULL);"
    "CREATE TABLE ContainerState(ID TEXT PRIMARY KEY NOT NULL, State INTEGER, ExitCode INTEGER, JSON TEXT NOT NULL);";

std::string row(const std::string& id, const std::string& name, const std::string& json) {
  return "INSERT INTO ContainerConfig VALUES('" + id + "','" + name +
         "',NULL,'{}');INSERT INTO ContainerState VALUES('" + id + "',6,0,'" + json + "');";
}

Texts read(const Temporary& root, Texts* notes = nullptr) {
  Reading reading;
  read_podman(shown::scope(root.path()), reading);
  if (notes) *notes = shown::states(reading.notes);
  return shown::lines(reading.findings);
}

std::string state(int number, const std::string& started, const std::string& more) {
  return R"({"state":)" + std::to_string(number) + R"(,"startedTime":")" + started +
         R"(","finishedTime":"2026-11-30T18:21:21.5Z")" + more + "}";
}

}  // namespace

TEST_CASE("podman's database: ends and claims", "[podman_database]") {
  Temporary root;
  make(root, kTables +
                 row(kA, "web", state(6, "2026-11-30T18:00:00Z", R"(,"exitCode":137,"exited":true,"oomKilled":true)")) +
                 row(kB, "job", state(4, "2026-11-30T18:21:21.6Z", R"(,"stoppedByUser":true)")));
  Texts notes;
  CHECK(read(root, &notes) == Texts{"end 2026-11-30T18:21:21 web status 137",
                                    "claim 2026-11-30T18:21:21 web: OOMKilled, by podman: the out-of-memory ",
                                    "end 2026-11-30T18:21:21 job status 0",
                                    "claim 2026-11-30T18:21:21 job: StoppedByUser: podman was asked to stop "});
  CHECK(notes == Texts{"podman read"});
  // Nothing was written beside it.
  CHECK(std::distance(std::filesystem::directory_iterator(root / "var/lib/containers/storage"), {}) == 1);
}

TEST_CASE("podman's database: one that was started again has no status of its earlier end", "[podman_database]") {
  Temporary root;
  make(root,
       kTables + row(kA, "web", state(3, "2026-11-30T18:30:00Z", "")) +
           row(kB, "db", state(6, "2026-11-30T18:30:00Z", R"(,"exitCode":1)")));  // the machine went down meanwhile
  CHECK(read(root) == Texts{"end 2026-11-30T18:21:21 web: it was started again after that: the exi",
                            "end 2026-11-30T18:21:21 db: it was started again after that: the exi"});
}

TEST_CASE("podman's database: damage, and a schema that never ends", "[podman_database]") {
  Texts notes;
  Temporary damaged;
  damaged.write(kPath, "SQLite format 3" + std::string(2000, 'x'));
  CHECK(read(damaged, &notes).empty());
  CHECK(notes == Texts{"podman broken"});
  Temporary other;
  make(other, kTables + row(kA, "web", "{\"state\":"));
  CHECK(read(other, &notes).empty());
  CHECK(notes == Texts{"podman broken"});
  Temporary endless;
  make(endless,
       "CREATE TABLE ContainerConfig(ID TEXT, Name TEXT, JSON TEXT);"
       "CREATE VIEW ContainerState AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c) "
       "SELECT 'a' AS ID, '{}' AS JSON FROM c WHERE x < 0;");
  CHECK(read(endless, &notes).empty());
  CHECK(notes == Texts{"podman broken"});
}
