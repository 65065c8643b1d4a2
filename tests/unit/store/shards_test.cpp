#include "store/shards.h"

#include <fstream>

#include "catch.h"
#include "temporary.h"

using namespace stapkill;

namespace {

constexpr Time kSecond = 1'000'000'000;
constexpr Time kNow = 1'700'000'000 * kSecond;  // 2023-11-14
constexpr Time kDay = 86400 * kSecond;

void touch(const std::filesystem::path& path) {
  std::ofstream(path) << "x";
}

}  // namespace

TEST_CASE("shards: names say day, number and tier", "[shards]") {
  Temporary folder;
  auto first = next_shard(folder.path(), Tier::deaths, kNow);
  CHECK(first.filename() == "20231114-000001-deaths.sqlite");
  touch(first);
  CHECK(next_shard(folder.path(), Tier::deaths, kNow).filename() == "20231114-000002-deaths.sqlite");
  CHECK(next_shard(folder.path(), Tier::brief, kNow).filename() == "20231114-000001-brief.sqlite");
  CHECK(next_shard(folder.path(), Tier::deaths, kNow + kDay).filename() == "20231115-000001-deaths.sqlite");
  // A clock that was set back.
  CHECK(next_shard(folder.path(), Tier::deaths, kNow - kDay).filename() == "20231114-000002-deaths.sqlite");
}

TEST_CASE("shards: only names of this form are shards", "[shards]") {
  Temporary folder;
  for (const char* name :
       {"20231114-000002-ends.sqlite", "20231114-000001-brief.sqlite", "20231114-000001-deaths.sqlite-wal", "lock",
        "20231114-000001-other.sqlite", "20231114-00001-ends.sqlite", "2023111x-000001-ends.sqlite",
        "20231114-000001-ends.sqlite.new", "20231114_000001-ends.sqlite"})
    touch(folder / name);
  auto all = shards_in(folder.path());
  REQUIRE(all.size() == 2);
  CHECK(tier_of(all[0]) == Tier::brief);
  CHECK(tier_of(all[1]) == Tier::ends);
  CHECK(shards_in(folder.path(), Tier::ends).size() == 1);
  CHECK(shards_in(folder / "nowhere").empty());
}

TEST_CASE("shards: their days", "[shards]") {
  std::filesystem::path shard = "/x/20231114-000001-ends.sqlite";
  CHECK(is_of_day(shard, kNow));
  CHECK_FALSE(is_of_day(shard, kNow + kDay));
  CHECK(is_older(shard, kNow + kDay));
  CHECK_FALSE(is_older(shard, kNow));
}

TEST_CASE("shards: a shard is removed with SQLite's files beside it", "[shards]") {
  Temporary folder;
  for (const char* ending : {"", "-wal", "-shm"}) touch(folder / (std::string("20231114-000001-ends.sqlite") + ending));
  auto shard = shards_in(folder.path()).at(0);
  CHECK(bytes_of(shard) == 3);
  remove_shard(shard);
  CHECK(bytes_of(shard) == 0);
}
