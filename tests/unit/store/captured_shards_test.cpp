#include "store/captured_shards.h"

#include <set>

#include "catch.h"
#include "store/made_history.h"
#include "store/shards.h"

using namespace stapkill;

namespace {

namespace fs = std::filesystem;

std::set<std::string> files_in(const fs::path& directory) {
  std::set<std::string> names;
  for (const auto& one : fs::directory_iterator(directory)) names.insert(one.path().filename());
  return names;
}

std::size_t found_in(const fs::path& directory) {
  auto reader = HistoryReader::open(directory, HistoryReader::Origin::captured);
  REQUIRE(reader.has_value());
  DeathQuery query;
  query.most = 10;
  return reader->find(query).size();
}

}  // namespace

TEST_CASE("captured shards: nothing is written beside them", "[captured_shards]") {
  MadeHistory made({made_death(1, "web")});
  auto before = files_in(made.place());
  CHECK(found_in(made.place()) == 1);
  CHECK(files_in(made.place()) == before);
}

TEST_CASE("captured shards: what is only in the log of changes is found, in a copy", "[captured_shards]") {
  Temporary copy;
  {
    auto history = History::open(copy / "store", {}, kNow);
    REQUIRE(history.has_value());
    history->add(made_death(1, "web"));
    REQUIRE(history->commit(kNow).has_value());
    // As a host that stopped at this moment: the recorder has not put its log into the file.
    fs::copy(copy / "store", copy / "captured");
  }
  fs::remove(shards_in(copy / "captured")[0].string() + "-shm");
  auto before = files_in(copy / "captured");
  REQUIRE(before.size() == 3 * kTiers.size());
  CHECK(found_in(copy / "captured") == 1);
  CHECK(files_in(copy / "captured") == before);
}

TEST_CASE("captured shards: a link is not followed", "[captured_shards]") {
  MadeHistory made({made_death(1, "web")});
  Temporary captured;
  auto shard = shards_in(made.place())[0];
  fs::create_symlink(shard, captured / shard.filename().string());
  CHECK(found_in(captured.path()) == 0);
  captured.write(shard.filename().string() + "-wal", "x");
  CHECK(found_in(captured.path()) == 0);
}
