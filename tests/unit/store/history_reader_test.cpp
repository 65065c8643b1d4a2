#include "store/history_reader.h"

#include <fstream>
#include <iterator>
#include <random>

#include "catch.h"
#include "store/made_history.h"
#include "store/shards.h"

using namespace stapkill;

namespace {

using Names = std::vector<std::string>;

DeathQuery of_comm(std::string comm) {
  DeathQuery query;
  query.comm = std::move(comm);
  query.most = 10;
  return query;
}

}  // namespace

TEST_CASE("history reader: counts what fits, and says when the latest was", "[history_reader]") {
  MadeHistory made({made_death(1, "web"), made_death(2, "web", kNow + kSecond), made_death(3, "other")});
  auto count = made.read().count(of_comm("web"));
  CHECK(count.deaths == 2);
  CHECK(count.latest == kNow + kSecond);
  CHECK(made.read().count(of_comm("none")).deaths == 0);
  auto few = of_comm("web");
  few.most = 1;
  CHECK(made.read().count(few).deaths == 1);
}

TEST_CASE("history reader: names that are near a misspelt word", "[history_reader]") {
  auto web = made_death(1, "nginx");
  web.unit = "nginx-main.service";
  web.name = "front";
  web.pod = "shop/cart-0";
  MadeHistory made({web, made_death(2, "postgres")});
  CHECK(made.read().near("ngnix", 5) == Names{"nginx"});
  CHECK(made.read().near("nginx-mian", 5) == Names{"nginx-main"});  // without .service
  CHECK(made.read().near("fromt", 5) == Names{"front"});
  CHECK(made.read().near("cart-0", 5) == Names{"shop/cart-0"});
  CHECK(made.read().near("zzzzzz", 5).empty());
  CHECK(made.read().near("", 5).empty());
}

TEST_CASE("history reader: a pod's name is found in each namespace", "[history_reader]") {
  std::vector<StoredDeath> deaths;
  for (const char* pod : {"a/web", "a-b/web", "a0/db", "a0/web", "b/web-1", "web"}) {
    deaths.push_back(made_death(static_cast<int>(deaths.size()) + 1, "x"));
    deaths.back().pod = pod;
  }
  DeathQuery query;
  query.most = 10;
  query.pod = "web";
  CHECK(MadeHistory(deaths).read().find(query).size() == 4);  // also "web", which has no namespace
  query.pod = "a/web";
  CHECK(MadeHistory(deaths).read().find(query).size() == 1);
  query.pod = "web-1";
  CHECK(MadeHistory(deaths).read().find(query).size() == 1);
}

TEST_CASE("history reader: a container of LXC is found by its name, which is its id", "[history_reader]") {
  auto one = made_death(1, "init");
  one.container = "debian";
  DeathQuery query;
  query.container = "debian";
  CHECK(MadeHistory({one}).read().find(query).size() == 1);
  query.container = "debi";
  CHECK(MadeHistory({one}).read().find(query).empty());
}

TEST_CASE("history reader: what it covers begins with what was only counted", "[history_reader]") {
  BlindInterval counted{kNow - 60 * kSecond, kNow, BlindInterval::Why::counted, 5};
  MadeHistory made({made_death(1, "web")}, {counted}, kNow + 9 * kSecond);
  CHECK(made.read().covered() == std::pair(kNow - 60 * kSecond, kNow + 9 * kSecond));
  MadeHistory none({}, {}, 0);
  CHECK(none.read().covered() == std::nullopt);
}

TEST_CASE("history reader: a thousand damaged stores are no crash, and other shards still answer", "[history_reader]") {
  std::vector<StoredDeath> deaths;
  for (int pid = 1; pid <= 40; ++pid) {
    deaths.push_back(made_death(pid, "web", kNow + pid));
    deaths.back().unit = "web.service";
  }
  MadeHistory made(deaths, {{kNow, kNow + 1, BlindInterval::Why::lost, 3}});
  auto good = made_death(77, "other");
  good.tier = Tier::ends;
  {
    auto history = History::open(made.place(), {}, kNow);
    REQUIRE(history.has_value());
    history->add(good);
    REQUIRE(history->commit(kNow).has_value());
  }
  auto shard = shards_in(made.place(), Tier::deaths).at(0);
  std::ifstream in(shard, std::ios::binary);
  const std::string whole{std::istreambuf_iterator<char>(in), {}};
  std::mt19937 random(16);  // NOLINT(cert-msc51-cpp): the same damages each time
  for (int turn = 0; turn < 1000; ++turn) {
    auto bytes = whole;
    if (turn % 4 == 0) bytes.resize(random() % whole.size());
    for (unsigned flips = 1 + random() % 8; flips > 0 && !bytes.empty(); --flips)
      bytes[random() % bytes.size()] ^= static_cast<char>(1 << random() % 8);
    std::ofstream(shard, std::ios::binary | std::ios::trunc)
        .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    auto reader = made.read();
    DeathQuery by_unit, of_other;
    by_unit.unit = "web";
    by_unit.most = 100;
    of_other.comm = "other";
    reader.find(by_unit);
    reader.count(by_unit);
    reader.blind(0, kNow + 100 * kSecond);
    reader.covered();
    reader.near("wbe", 3);
    CHECK(reader.find(of_other).size() == 1);
  }
}

TEST_CASE("history reader: what is there is no directory", "[history_reader]") {
  Temporary folder;
  auto file = folder.write("file", "x");
  auto opened = HistoryReader::open(file);
  REQUIRE_FALSE(opened.has_value());
  CHECK(opened.error().message.english().find("Not a directory") != std::string::npos);
}
