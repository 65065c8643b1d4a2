#include "verdict/dead_shim.h"

#include <csignal>

#include "catch.h"

using namespace stapkill;

namespace {

constexpr Time kSecond = 1'000'000'000;

std::shared_ptr<Process> process(int pid, std::string comm) {
  auto made = std::make_shared<Process>();
  made->pid = pid;
  made->start = static_cast<std::uint64_t>(pid);
  made->comm = std::move(comm);
  return made;
}

/// A container's process, whose shim bash(5) had killed a second before runc ended it.
struct Scene {
  std::shared_ptr<Process> shim = process(2, "containerd-shim"), dead = process(3, "web");
  SignalRecord to_shim;
  Surroundings around;
  Verdict verdict;

  Scene() {
    shim->ended = true;
    to_shim.sender = process(5, "bash");
    to_shim.target = shim;
    to_shim.number = SIGKILL;
    to_shim.boot = 9 * kSecond;
    around.parents = std::make_shared<std::vector<ProcessPtr>>(1, shim);
    around.sent_to = [this](const Process& asked, Time) { return asked.pid == shim->pid ? &to_shim : nullptr; };
    auto& step = verdict.chain.emplace_back();
    step.process = process(7, "runc");
    step.ancestry = std::make_shared<std::vector<ProcessPtr>>(1, process(6, "containerd-shim"));
    step.number = SIGKILL;
    step.time = 110 * kSecond;
    verdict.summary = "web(3) was killed by SIGKILL from runc(7)";
    verdict.initiator = step.process;
  }

  bool add() {
    Death death{*dead, SIGKILL};
    death.time = 110 * kSecond;
    death.boot = 10 * kSecond;
    return add_dead_shim(verdict, death, around);
  }
};

}  // namespace

TEST_CASE("dead shim: who killed it is who asked", "[dead_shim]") {
  Scene scene;
  CHECK(scene.add());
  REQUIRE(scene.verdict.chain.size() == 2);
  CHECK(scene.verdict.chain[0].number == SIGKILL);
  CHECK(scene.verdict.chain[0].confidence == Confidence::certain);
  CHECK(scene.verdict.initiator->pid == 5);
  CHECK(scene.verdict.summary ==
        "web(3) was killed by SIGKILL from runc(7); 1.0 s before, containerd-shim(2) had been sent SIGKILL by bash(5)");
}

TEST_CASE("dead shim: the runtime's steps can lie between", "[dead_shim]") {
  Scene scene;
  auto parents = *scene.around.parents;
  parents.insert(parents.begin(), process(4, "runc:[1:CHILD]"));
  scene.around.parents = std::make_shared<std::vector<ProcessPtr>>(parents);
  scene.to_shim.number = SIGTERM;
  CHECK(scene.add());
  CHECK(scene.verdict.chain[0].confidence == Confidence::likely);
}

TEST_CASE("dead shim: nothing of one that lives, that nobody killed, or that a runtime ended", "[dead_shim]") {
  Scene lives, unhurt, long_ago, by_runtime, by_hand;
  lives.shim->ended = false;
  unhurt.around.sent_to = [](const Process&, Time) { return nullptr; };
  long_ago.to_shim.boot = -30 * kSecond;
  by_runtime.to_shim.sender = process(1, "containerd");
  by_hand.verdict.chain[0].ancestry = std::make_shared<std::vector<ProcessPtr>>();
  for (auto* scene : {&lives, &unhurt, &long_ago, &by_runtime, &by_hand}) {
    CHECK_FALSE(scene->add());
    CHECK(scene->verdict.chain.size() == 1);
  }
}
