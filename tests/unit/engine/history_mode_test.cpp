// The engine for a history: brief clean ends are not judged, all others are.
#include <signal.h>

#include "catch.h"
#include "engine/scene.h"

using namespace engines;
using events::task;

namespace {

const auto kShell = task(100, 10, "sh");
const auto kHelper = task(200, 90, "grep");
const auto kKiller = task(300, 30, "killer");

struct Recorder : engines::Scene {
  Recorder() {
    machine.add(kShell, 50);
    machine.add(kHelper, kShell.pid);
    machine.add(kKiller, 1);
    TargetOptions all;
    all.all = true;
    EngineOptions options;
    options.history = true;
    begin(std::move(all), std::move(options));
    REQUIRE(engine->begin().has_value());
    take(Armed{"BPF", "6.1.0", {}});
  }
  Verdict verdict() {
    wait(200);
    auto deaths = all<DeathRecord>();
    REQUIRE(deaths.size() == 1);
    return deaths[0].verdict;
  }
};

}  // namespace

TEST_CASE("history mode: a helper's clean end has its status, its parent, and no more", "[engine]") {
  Recorder scene;
  scene.take(events::exit(kHelper, 0));
  auto verdict = scene.verdict();
  CHECK(verdict.summary == "grep(200) ended by itself with exit status 0.");
  CHECK(verdict.cause == Cause::exit);
  auto death = scene.all<DeathRecord>()[0];
  REQUIRE(death.parent);
  CHECK(death.parent->pid == kShell.pid);
  CHECK(death.ancestry->empty());
}

TEST_CASE("history mode: a helper that was asked to end is judged", "[engine]") {
  Recorder scene;
  auto request = kill_of(kKiller, kHelper, SIGTERM);
  std::get<kernel::Signal>(request.what).handled = true;
  scene.take(request);
  scene.take(events::exit(kHelper, 0));
  auto verdict = scene.verdict();
  REQUIRE(verdict.initiator);
  CHECK(verdict.initiator->pid == kKiller.pid);
}

TEST_CASE("history mode: a helper whose parent was asked to end is judged", "[engine]") {
  Recorder scene;
  scene.take(kill_of(kKiller, kShell, SIGTERM));
  scene.take(events::exit(kHelper, 0));
  auto verdict = scene.verdict();
  REQUIRE(verdict.initiator);
  CHECK(verdict.initiator->pid == kKiller.pid);
}

TEST_CASE("history mode: a status other than 0 is judged", "[engine]") {
  Recorder scene;
  scene.take(events::exit(kHelper, 3 << 8));
  scene.verdict();
  CHECK_FALSE(scene.all<DeathRecord>()[0].ancestry->empty());
}
