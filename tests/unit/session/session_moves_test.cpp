#include "session/scene.h"

TEST_CASE("session: a process that moves is reported with the cgroup that it has then", "[session]") {
  Scene scene;
  scene.options.until_death = true;
  scene.run([](FakeBackend& fake) {
    appear(fake);
    fake.report(events::moved(kVictim, "/before"), events::moved(kKiller, "/killers"), kernel_signal(kVictim, 1),
                events::moved(kVictim, "/a/b"), signal_event(kKiller, kVictim, 9), returned(kKiller, 0),
                events::exit(kVictim, 9));
  });
  CHECK(scene.result == 0);
  auto signals = scene.all("signal");
  REQUIRE(signals.size() == 2);
  CHECK(signals[0]["target"]["cgroup"] == "/before");
  CHECK(signals[1]["target"]["cgroup"] == "/a/b");
  CHECK(signals[1]["sender"]["cgroup"] == "/killers");
  CHECK(scene.one("death")["process"]["cgroup"] == "/a/b");
}

TEST_CASE("session: a process that matches first after a move joins then", "[session]") {
  Scene scene;
  scene.options.until_death = true;
  scene.run([](FakeBackend& fake) {
    fake.report(kernel_signal(task(kVictimPid, 20, "another"), 1), events::moved(kVictim, "/a"),
                events::exit(kVictim, 0));
  });
  CHECK(scene.result == 0);
  CHECK(scene.all("signal").empty());
  CHECK(scene.one("death")["process"]["cgroup"] == "/a");
}

TEST_CASE("session: one that has ended does not join by a move that comes late", "[session]") {
  Scene scene;
  scene.run([](FakeBackend& fake) {
    fake.report(events::exit(task(kVictimPid, 20, "another"), 0), events::moved(kVictim, "/a"),
                kernel_signal(kVictim, 1));
    fake.end({});
  });
  CHECK(scene.all("signal").empty());
  CHECK(scene.all("death").empty());
}
