#include "session/kept_death.h"

#include <signal.h>

#include "catch.h"

using namespace stapkill;

namespace {

constexpr int kOwn = 77;

ProcessPtr process(int pid, const std::string& cgroup) {
  auto one = std::make_shared<Process>();
  one->pid = pid;
  one->cgroup = cgroup;
  return one;
}

DeathRecord death_in(const std::string& cgroup, int wait_status, const std::string& parents_cgroup = "/init.scope") {
  DeathRecord record;
  record.process = process(500, cgroup);
  record.parent = process(1, parents_cgroup);
  record.wait_status = wait_status;
  return record;
}

StoredDeath stored;

KeptDeath kept(const DeathRecord& record) {
  return kept_death(stored, record, kOwn);
}

}  // namespace

TEST_CASE("kept death: a clean end is no news, another status and a request are", "[kept_death]") {
  auto record = death_in("/system.slice/a.service", 0);
  CHECK_FALSE(kept(record).is_news());
  CHECK(kept(death_in("/system.slice/a.service", 3 << 8)).status == 3);
  CHECK(kept(death_in("/system.slice/a.service", 3 << 8)).is_news());
  record.verdict.chain.emplace_back();
  CHECK(kept(record).is_news());
}

TEST_CASE("kept death: the everyday ends of helpers and workers are no news", "[kept_death]") {
  auto is_news = [](int signal, int status, bool asked, bool is_main) {
    StoredDeath with_signal;
    with_signal.signal = signal;
    KeptDeath death{with_signal};
    death.status = status;
    death.asked = asked;
    death.is_main = is_main;
    return death.is_news();
  };
  CHECK_FALSE(is_news(0, 1, false, false));
  CHECK(is_news(0, 1, false, true));
  CHECK_FALSE(is_news(SIGPIPE, 0, false, false));
  CHECK(is_news(SIGPIPE, 0, false, true));
  CHECK_FALSE(is_news(0, 0, true, false));
  CHECK(is_news(0, 0, true, true));
  CHECK(is_news(0, 1, true, false));
  CHECK(is_news(SIGSEGV, 0, false, false));
}

TEST_CASE("kept death: the first process of a unit has its parent elsewhere", "[kept_death]") {
  CHECK(kept(death_in("/system.slice/a.service", 0)).is_main);
  CHECK_FALSE(kept(death_in("/system.slice/a.service", 0, "/system.slice/a.service")).is_main);
  auto orphan = death_in("/system.slice/a.service", 0);
  orphan.parent = nullptr;
  CHECK_FALSE(kept(orphan).is_main);
}

TEST_CASE("kept death: the unit is the machine's own systemd's", "[kept_death]") {
  CHECK(kept(death_in("/system.slice/docker-0123.scope/system.slice/nginx.service", 0)).system_unit ==
        "docker-0123.scope");
  CHECK_FALSE(kept(death_in("/", 0)).system_unit);
}

TEST_CASE("kept death: logins and users' own units lie below user.slice", "[kept_death]") {
  CHECK(kept(death_in("/user.slice/user-1000.slice/session-4.scope", 0)).of_login);
  CHECK_FALSE(kept(death_in("/system.slice/a.service", 0)).of_login);
}

TEST_CASE("kept death: what the recorder or its children did is its own", "[kept_death]") {
  auto child = death_in("/a", 9);
  child.parent = process(kOwn, "/a");
  CHECK(kept(child).by_own);
  auto killed = death_in("/a", 9);
  killed.verdict.killer = process(kOwn, "/a");
  CHECK(kept(killed).by_own);
  auto grandchild = death_in("/a", 1 << 8);
  grandchild.ancestry =
      std::make_shared<std::vector<ProcessPtr>>(std::vector{process(80, "/a"), process(kOwn, "/a"), process(1, "/")});
  CHECK(kept(grandchild).by_own);
  CHECK_FALSE(kept(death_in("/a", 9)).by_own);
}
