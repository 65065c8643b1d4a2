#include "engine/manager_words.h"

#include <csignal>

#include "catch.h"
#include "engine/scene.h"

using namespace stapkill;
using namespace engines;

namespace {

SignalRecord signal_of(int pid, std::string comm, std::string cgroup, int number = SIGTERM) {
  auto sender = std::make_shared<Process>(), target = std::make_shared<Process>();
  sender->pid = pid;
  sender->comm = std::move(comm);
  target->pid = 100;
  target->cgroup = std::move(cgroup);
  SignalRecord record;
  record.number = number;
  record.by = By::process;
  record.sender = std::move(sender);
  record.target = std::move(target);
  return record;
}

constexpr Time kLimit = 2'000'000'000;
const std::string kUnit = "/system.slice/a.service";

}  // namespace

TEST_CASE("manager words: systemd is asked about the unit whose process it ends", "[manager_words]") {
  ManagerWords words(kLimit);
  CHECK(words.unit_to_ask(signal_of(1, "systemd", kUnit), 1) == "a.service");
  CHECK(words.unit_to_ask(signal_of(1, "systemd", kUnit), 2).empty());  // asked already
  CHECK(words.unit_to_ask(signal_of(1, "systemd", kUnit, SIGKILL), 2'000'000'000) == "a.service");
  CHECK(words.unit_to_ask(signal_of(1, "init", kUnit), 1).empty());
  CHECK(words.unit_to_ask(signal_of(2, "systemd", kUnit), 1).empty());
  CHECK(words.unit_to_ask(signal_of(1, "systemd", "/system.slice/b.service", SIGCONT), 1).empty());
  CHECK(words.unit_to_ask(signal_of(1, "systemd", "/system.slice"), 1).empty());
  CHECK(words.unit_to_ask(signal_of(1, "systemd", "/system.slice/b c.service"), 1).empty());
  CHECK(words.unit_to_ask(signal_of(1, "systemd", "/user.slice/user-7.slice/user@7.service/app.slice/b.service"), 1) ==
        "user@7.service");
}

TEST_CASE("manager words: an end waits for an answer, not for ever", "[manager_words]") {
  ManagerWords words(kLimit);
  auto signal = signal_of(1, "systemd", kUnit);
  CHECK_FALSE(words.awaited(*signal.target, 1));
  words.unit_to_ask(signal, 1);
  CHECK(words.awaited(*signal.target, 2));
  CHECK_FALSE(words.awaited(*signal.target, 1 + kLimit));
  CHECK_FALSE(words.about(*signal.target));
  words.said("a.service", {"one", "two"});
  words.said("unknown.service", {"three"});
  CHECK_FALSE(words.awaited(*signal.target, 2));
  CHECK(*words.about(*signal.target) == std::vector<std::string>{"one", "two"});
}

TEST_CASE("manager words: memory is bounded", "[manager_words]") {
  ManagerWords words(kLimit);
  for (int i = 0; i < 1000; ++i) {
    auto name = "u" + std::to_string(i) + ".service";
    CHECK(words.unit_to_ask(signal_of(1, "systemd", "/system.slice/" + name), 1) == name);
    words.said(name, std::vector<std::string>(500, "line"));
    CHECK(words.about(*signal_of(1, "systemd", "/system.slice/" + name).target)->size() == 200);
  }
}

TEST_CASE("engine: a death by systemd leaves when systemd's journal was read", "[engine]") {
  auto systemd = events::task(1, 1, "systemd", 0), service = events::task(100, 5, "sleep");
  for (bool answered : {true, false}) {
    Scene scene;
    scene.machine.add(service, 1);
    scene.machine.processes[100].process.cgroup = kUnit;
    TargetOptions targets;
    targets.pids = {100};
    scene.begin(targets);
    REQUIRE(scene.engine->begin());
    scene.take(Armed{"BPF", "6.1", {}});
    scene.take(kill_of(systemd, service, SIGTERM));
    CHECK(scene.asked == std::vector<std::string>{"a.service"});
    scene.take(events::exit(service, SIGTERM));
    scene.wait(400);
    CHECK(scene.all<DeathRecord>().empty());
    if (answered) {
      scene.take(ManagerSaid{"a.service", {"a.service: Service reached runtime time limit. Stopping."}});
      scene.wait(10);
    } else {
      scene.wait(1700);
    }
    REQUIRE(scene.all<DeathRecord>().size() == 1);
    auto verdict = scene.all<DeathRecord>()[0].verdict;
    CHECK((verdict.chain.front().what == ChainStep::What::limit) == answered);
    CHECK(verdict.initiator->pid == 1);
  }
}
