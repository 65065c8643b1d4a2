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
  auto unit = [&](const SignalRecord& signal, Time boot) {
    auto wish = words.question(signal, boot);
    CHECK((!wish || wish->writer == AskManager::Writer::systemd));
    return wish ? wish->subject : "";
  };
  CHECK(unit(signal_of(1, "systemd", kUnit), 1) == "a.service");
  CHECK(unit(signal_of(1, "systemd", kUnit), 2).empty());  // asked already
  CHECK(unit(signal_of(1, "systemd", kUnit, SIGKILL), 2'000'000'000) == "a.service");
  CHECK(unit(signal_of(1, "init", kUnit), 1).empty());
  CHECK(unit(signal_of(2, "systemd", kUnit), 1).empty());
  CHECK(unit(signal_of(1, "systemd", "/system.slice/b.service", SIGCONT), 1).empty());
  CHECK(unit(signal_of(1, "systemd", "/system.slice"), 1).empty());
  CHECK(unit(signal_of(1, "systemd", "/system.slice/b c.service"), 1).empty());
  CHECK(unit(signal_of(1, "systemd", "/user.slice/user-7.slice/user@7.service/app.slice/b.service"), 1) ==
        "user@7.service");
}

TEST_CASE("manager words: the kubelet is asked about a pod's container that a runtime ends", "[manager_words]") {
  const std::string id(64, 'b'), uid = "0b5f7b6e-2f52-4c37-9d0e-6a3a0c5f9d11";
  const std::string pod = "/kubepods/burstable/pod" + uid + "/" + id;
  ManagerWords words(kLimit);
  auto signal = signal_of(9, "runc", pod);
  CHECK_FALSE(words.question(signal, 1));  // by hand
  auto shim = std::make_shared<Process>();
  shim->comm = "containerd-shim";
  signal.ancestry = std::make_shared<std::vector<ProcessPtr>>(1, shim);
  auto wish = words.question(signal, 1);
  REQUIRE(wish);
  CHECK(wish->writer == AskManager::Writer::kubelet);
  CHECK(wish->subject == id);
  CHECK(wish->names == std::vector<std::string>{uid});
  CHECK(words.awaited(*signal.target, 2));
  words.said(id, {"one", "two"});
  words.said(id, {"two", "three"});  // asked again
  CHECK(*words.about(kubelets_subject(*signal.target)) == std::vector<std::string>{"one", "two", "three"});
  auto docker = signal_of(9, "containerd-shim", "/docker/" + id);
  CHECK_FALSE(words.question(docker, 1));
}

TEST_CASE("manager words: an end waits for an answer, not for ever", "[manager_words]") {
  ManagerWords words(kLimit);
  auto signal = signal_of(1, "systemd", kUnit);
  CHECK_FALSE(words.awaited(*signal.target, 1));
  words.question(signal, 1);
  CHECK(words.awaited(*signal.target, 2));
  CHECK_FALSE(words.awaited(*signal.target, 1 + kLimit));
  CHECK_FALSE(words.about(systemds_subject(*signal.target)));
  words.said("a.service", {"one", "two"});
  words.said("unknown.service", {"three"});
  CHECK_FALSE(words.awaited(*signal.target, 2));
  CHECK(*words.about(systemds_subject(*signal.target)) == std::vector<std::string>{"one", "two"});
}

TEST_CASE("manager words: memory is bounded", "[manager_words]") {
  ManagerWords words(kLimit);
  for (int i = 0; i < 1000; ++i) {
    auto name = "u" + std::to_string(i) + ".service";
    CHECK(words.question(signal_of(1, "systemd", "/system.slice/" + name), 1)->subject == name);
    std::vector<std::string> lines;
    for (int line = 0; line < 500; ++line) lines.push_back(std::to_string(line));
    words.said(name, std::move(lines));
    CHECK(words.about(name)->size() == 200);
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
