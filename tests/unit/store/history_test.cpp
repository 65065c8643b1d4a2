#include "store/history.h"

#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <fstream>

#include "catch.h"
#include "store/database.h"
#include "store/history_reader.h"
#include "store/made_history.h"
#include "store/shards.h"
#include "temporary.h"

using namespace stapkill;

namespace {

/// With processes in its record.
StoredDeath death(int pid, std::string comm, Time time = kNow) {
  auto made = made_death(pid, std::move(comm), time);
  made.record = R"({"type":"death","process":{"pid":)" + std::to_string(pid) +
                R"(,"comm":"x","start":"t"},"verdict":{"summary":")" + made.summary +
                R"("},"ancestry":[{"pid":1,"comm":"init","start":"t"}]})";
  return made;
}

/// A history in a directory of its own, and what a reader finds in it.
struct Kept {
  Temporary folder;
  std::string place = (folder / "store").string();

  History open(HistoryLimits limits = {}, Time now = kNow) {
    auto opened = History::open(place, limits, now);
    REQUIRE(opened.has_value());
    return std::move(*opened);
  }
  HistoryReader read() {
    auto opened = HistoryReader::open(place);
    REQUIRE(opened.has_value());
    return std::move(*opened);
  }
  std::vector<int> pids(const DeathQuery& query) {
    std::vector<int> all;
    for (const auto& one : read().find(query)) all.push_back(one.pid);
    return all;
  }
};
using Pids = std::vector<int>;

/// While it lives, no file of this process may grow.
class FullDisk {
 public:
  FullDisk() {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    old_ = ::signal(SIGXFSZ, SIG_IGN);
    rlimit none{0, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &none);
  }
  ~FullDisk() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, old_);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

 private:
  rlimit before_{};
  void (*old_)(int) = SIG_DFL;
};

}  // namespace

TEST_CASE("history: what was added is found by each of its names", "[history]") {
  Kept kept;
  auto history = kept.open();
  auto web = death(7, "web");
  web.exe = "/opt/web";
  web.cmdline = "/opt/web --port 80";
  web.uid = 33;
  web.unit = "nginx.service";
  web.container = std::string(64, 'a');
  web.name = "front";
  web.pod = "shop/cart-0";
  web.initiator = "systemctl(812)";
  history.add(web);
  history.add(death(8, "other", kNow + kSecond));
  REQUIRE(history.commit(kNow).has_value());
  using Set = void (*)(DeathQuery&);
  for (Set set :
       {Set([](DeathQuery& q) { q.pid = 7; }), Set([](DeathQuery& q) { q.comm = "web"; }),
        Set([](DeathQuery& q) { q.exe = "/opt/web"; }), Set([](DeathQuery& q) { q.cmdline = "--port"; }),
        Set([](DeathQuery& q) { q.uid = 33; }), Set([](DeathQuery& q) { q.unit = "nginx"; }),
        Set([](DeathQuery& q) { q.unit = "nginx.service"; }), Set([](DeathQuery& q) { q.container = "front"; }),
        Set([](DeathQuery& q) { q.container = "aaaa"; }), Set([](DeathQuery& q) { q.pod = "cart-0"; }),
        Set([](DeathQuery& q) { q.pod = "shop/cart-0"; }), Set([](DeathQuery& q) { q.until = kNow; })}) {
    DeathQuery query;
    query.most = 10;
    set(query);
    CHECK(kept.pids(query) == Pids{7});
  }
  DeathQuery latest;
  CHECK(kept.pids(latest) == Pids{8});
  latest.most = 10;
  CHECK(kept.pids(latest) == Pids{8, 7});
  latest.container = "aaa";  // too short for an id
  CHECK(kept.pids(latest).empty());
  DeathQuery one;
  one.pid = 7;
  auto found = kept.read().find(one);
  CHECK(found[0].record == web.record);
  CHECK(found[0].initiator == "systemctl(812)");
  CHECK(found[0].uid == 33);
}

TEST_CASE("history: only root can read it, and one recorder writes it", "[history]") {
  Kept kept;
  auto history = kept.open();
  struct stat info {};
  REQUIRE(::stat(kept.place.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0700);
  auto second = History::open(kept.place, {}, kNow);
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error().id == "lock.taken");
}

TEST_CASE("history: the limit holds, and the oldest go first", "[history]") {
  Kept kept;
  HistoryLimits limits;
  limits.bytes = 4 << 20;
  auto history = kept.open(limits);
  std::string filler(2000, 'x');
  for (int pid = 1; pid <= 8000; ++pid) {
    auto one = death(pid, "filler", kNow + pid);
    one.cmdline = filler + std::to_string(pid);
    history.add(one);
    if (pid % 100 == 0) REQUIRE(history.commit(kNow + pid).has_value());
  }
  std::uint64_t bytes = 0;
  for (const auto& shard : shards_in(kept.place)) bytes += bytes_of(shard);
  CHECK(bytes <= limits.bytes);
  DeathQuery first, last;
  first.pid = 1;
  last.pid = 8000;
  CHECK(kept.pids(first).empty());
  CHECK(kept.pids(last) == Pids{8000});
}

TEST_CASE("history: many of what matters less do not push out what matters", "[history]") {
  Kept kept;
  HistoryLimits limits;
  limits.bytes = 4 << 20;
  auto history = kept.open(limits);
  history.add(death(1, "important"));
  constexpr Time step = kSecond / 100;
  for (int pid = 2; pid <= 20'000; ++pid) {
    auto one = death(pid, "helper", kNow + pid * step);
    one.tier = pid % 2 ? Tier::brief : Tier::ends;
    one.cmdline = std::string(300, 'x');
    history.add(one);
    if (pid % 100 == 0) REQUIRE(history.commit(kNow + pid * step).has_value());
  }
  REQUIRE(history.commit(kNow + 20'000 * step).has_value());
  std::uint64_t bytes = 0;
  for (const auto& shard : shards_in(kept.place)) bytes += bytes_of(shard);
  CHECK(bytes <= limits.bytes);
  DeathQuery first, last;
  first.pid = 1;
  last.pid = 20'000;
  CHECK(kept.pids(first) == Pids{1});
  CHECK(kept.pids(last) == Pids{20'000});
  std::uint64_t counted = 0, dropped = 0;
  for (const auto& one : kept.read().blind(0, kNow + 1000 * kSecond)) {
    counted += one.why == BlindInterval::Why::counted ? one.count : 0;
    dropped += one.why == BlindInterval::Why::dropped ? one.count : 0;
  }
  DeathQuery all;
  all.comm = "helper";
  all.most = 30'000;
  CHECK(counted > 0);
  CHECK(dropped > 0);
  CHECK(counted + dropped + kept.pids(all).size() == 19'999);
}

TEST_CASE("history: brief ends are kept for minutes", "[history]") {
  Kept kept;
  auto history = kept.open();
  for (int minute = 0; minute < 30; ++minute) {
    auto one = death(minute + 1, "helper", kNow + minute * 60 * kSecond);
    one.tier = Tier::brief;
    history.add(one);
    REQUIRE(history.commit(one.time).has_value());
  }
  DeathQuery all;
  all.most = 100;
  auto pids = kept.pids(all);
  CHECK(pids.size() >= 10);
  CHECK(pids.size() <= 16);
  CHECK(pids.front() == 30);
}

TEST_CASE("history: what does not fit on the disk stays in memory, which is bounded", "[history]") {
  Kept kept;
  auto history = kept.open();
  // A file that may not grow is like a full disk (setrlimit(2), RLIMIT_FSIZE).
  auto add = [&](int from, int to) {
    for (int pid = from; pid <= to; ++pid) {
      auto one = death(pid, "x", kNow + pid);
      one.cmdline = std::string(1000, 'y');
      history.add(one);
    }
  };
  add(1, 10);
  REQUIRE(history.commit(kNow).has_value());
  {
    FullDisk full;
    add(11, 20);
    CHECK_FALSE(history.commit(kNow).has_value());
    CHECK_FALSE(history.is_empty());
    add(21, 10'000);
  }
  REQUIRE(history.commit(kNow).has_value());
  DeathQuery all;
  all.most = 20'000;
  auto pids = kept.pids(all);
  CHECK(pids.front() == 10'000);
  CHECK(pids.back() == 1);
  std::uint64_t dropped = 0;
  for (const auto& one : kept.read().blind(0, kNow + kSecond)) dropped += one.count;
  CHECK(dropped > 0);
  CHECK(dropped + pids.size() == 10'000);
}

TEST_CASE("history: a shard of a newer version is refused", "[history]") {
  Kept kept;
  { auto history = kept.open(); }
  {
    auto database = Database::open(kept.place + "/20231114-000001-deaths.sqlite", Database::For::writing);
    REQUIRE(database.has_value());
    REQUIRE(database->execute("UPDATE about SET version = 99").has_value());
  }
  auto refused = History::open(kept.place, {}, kNow);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().id == "store.version");
  auto reader = kept.read();
  CHECK(reader.find({}).empty());
  CHECK(reader.damaged().size() == 1);
}

TEST_CASE("history: what is older than the limit of days goes", "[history]") {
  Kept kept;
  {
    auto history = kept.open();
    history.add(death(1, "old"));
    REQUIRE(history.commit(kNow).has_value());
  }
  HistoryLimits limits;
  limits.days = 3;
  constexpr Time day = 86400 * kSecond;
  DeathQuery any;
  { auto history = kept.open(limits, kNow + 2 * day); }
  CHECK(kept.pids(any) == Pids{1});
  { auto history = kept.open(limits, kNow + 5 * day); }
  CHECK(kept.pids(any).empty());
}

TEST_CASE("history: the next recorder knows until when the last one watched", "[history]") {
  Kept kept;
  {
    auto history = kept.open();
    CHECK_FALSE(history.before());
    history.watched({kNow + 5 * kSecond, "this-boot", false});
    REQUIRE(history.commit(kNow).has_value());
  }
  auto history = kept.open({}, kNow + 60 * kSecond);
  REQUIRE(history.before());
  CHECK(history.before()->until == kNow + 5 * kSecond);
  CHECK(history.before()->boot == "this-boot");
  CHECK_FALSE(history.before()->stopped);
  history.add(BlindInterval{kNow + 5 * kSecond, kNow + 60 * kSecond, BlindInterval::Why::not_armed, 0});
  REQUIRE(history.commit(kNow + 60 * kSecond).has_value());
  CHECK(kept.read().blind(kNow, kNow + 100 * kSecond).size() == 1);
  CHECK(kept.read().blind(kNow, kNow + kSecond).empty());
}

TEST_CASE("history: what was not committed is not there, what was is whole", "[history]") {
  Kept kept;
  auto history = kept.open();
  history.add(death(1, "a"));
  REQUIRE(history.commit(kNow).has_value());
  history.add(death(2, "b"));
  DeathQuery all;
  all.most = 10;
  CHECK(kept.pids(all) == Pids{1});  // as after kill -9
}

TEST_CASE("history: damaged shards are left out, and said", "[history]") {
  Kept kept;
  {
    auto history = kept.open();
    history.add(death(1, "a"));
    REQUIRE(history.commit(kNow).has_value());
  }
  for (std::size_t bytes : {std::size_t{0}, std::size_t{10}, std::size_t{5000}}) {
    std::ofstream(kept.place + "/20231115-000001-deaths.sqlite", std::ios::binary) << std::string(bytes, 'z');
    auto reader = kept.read();
    DeathQuery any;
    CHECK(reader.find(any).size() == 1);
    CHECK(reader.damaged().size() == 1);
  }
  std::filesystem::remove(kept.place + "/20231115-000001-deaths.sqlite");
  std::filesystem::create_symlink(kept.place + "/20231114-000001-deaths.sqlite",
                                  kept.place + "/20231116-000001-deaths.sqlite");
  auto reader = kept.read();
  CHECK(reader.find({}).size() == 1);
  CHECK(reader.damaged().size() == 1);  // no link is followed
}

TEST_CASE("history: where no recorder has run", "[history]") {
  Temporary folder;
  auto none = HistoryReader::open(folder / "nowhere");
  REQUIRE_FALSE(none.has_value());
  CHECK(none.error().id == "store.none");
}
