#include "engine/engine.h"

#include <signal.h>

#include <algorithm>

#include "catch.h"
#include "engine/scene.h"

using namespace engines;
using events::task;

namespace {

const auto kVictim = task(100, 20, "victim");
const auto kKiller = task(200, 30, "killer");

TargetOptions victim() {
  TargetOptions targets;
  targets.pids = {kVictim.pid};
  return targets;
}

/// One that watches the victim, armed.
struct Armed100 : engines::Scene {
  explicit Armed100(EngineOptions options = {}) {
    machine.add(kVictim, 1);
    machine.add(kKiller, 1);
    begin(victim(), std::move(options));
    REQUIRE(engine->begin().has_value());
    take(Begun{"bpf", {"a probe"}});
    take(Armed{"BPF", "6.1.0", {}});
    take(LookAround{});
  }
};

}  // namespace

TEST_CASE("engine: it says what to watch, or that nobody is there", "[engine]") {
  engines::Scene scene;
  scene.machine.add(kVictim, 1);
  scene.begin(victim());
  auto watching = scene.engine->begin();
  REQUIRE(watching.has_value());
  CHECK_FALSE(watching->everything);
  CHECK(watching->processes == std::vector<ProcessKey>{{kVictim.pid, kVictim.start}});
  engines::Scene nobody;
  nobody.begin(victim());
  CHECK(nobody.engine->begin().error().id == "target.missing");
}

TEST_CASE("engine: `armed` comes before the long look", "[engine]") {
  Armed100 scene;
  CHECK(scene.looks == 1);
  REQUIRE(scene.records.size() == 2);
  CHECK(std::holds_alternative<SessionRecord>(scene.records[0]));
  CHECK(std::get<ArmedRecord>(scene.records[1]).watching.at(0)->comm == "victim");
  CHECK_FALSE(scene.engine->needs_ticks());
}

TEST_CASE("engine: a signal waits for its system call, a death for its signal, and no clock but the ticks counts",
          "[engine]") {
  Armed100 scene;
  scene.take(kill_of(kKiller, kVictim, SIGKILL));
  CHECK(scene.engine->needs_ticks());
  scene.wait(39);
  CHECK(scene.all<SignalRecord>().empty());
  scene.wait(1);
  CHECK(scene.all<SignalRecord>().size() == 1);
  scene.take(events::exit(kVictim, SIGKILL));
  scene.wait(19);
  CHECK(scene.all<DeathRecord>().empty());
  scene.wait(1);
  auto deaths = scene.all<DeathRecord>();
  REQUIRE(deaths.size() == 1);
  REQUIRE(deaths[0].verdict.killer);
  CHECK(deaths[0].verdict.killer->pid == kKiller.pid);
  CHECK_FALSE(scene.engine->needs_ticks());
}

namespace {

KernelEvent stack_of(const kernel::Task& task, bool at_exit = false) {
  auto top = std::make_shared<UserStack>();
  top->pid = task.pid;
  top->tid = task.tid;
  top->process_start = task.start;
  return events::event(kernel::Stack{at_exit, top});
}

KernelEvent code(std::uint64_t start) {
  return events::event(kernel::Code{{start, start + 4096, 0, 1, 0, "/bin/a"}});
}

const std::vector<Frame> kFrames = {{1, "a", 2, "give_up", {}, {}, {}}, {3, "a", 4, "main", {}, {}, {}}};

}  // namespace

TEST_CASE("engine: a signal and its death wait for the sender's frames", "[engine]") {
  Armed100 scene;
  scene.take(code(0x1000));
  scene.take(code(0x2000));
  scene.take(stack_of(kKiller));
  scene.take(kill_of(kKiller, kVictim, SIGKILL));
  REQUIRE(scene.stacks.size() == 1);
  CHECK(scene.stacks[0].stack.tid == kKiller.tid);
  CHECK(scene.stacks[0].stack.code.size() == 2);
  scene.take(events::exit(kVictim, SIGKILL));
  scene.wait(500);
  CHECK(scene.all<DeathRecord>().empty());
  scene.take(FramesFound{scene.stacks[0].id + 1, kFrames});
  CHECK(scene.all<SignalRecord>().empty());
  scene.take(FramesFound{scene.stacks[0].id, kFrames});
  scene.wait(10);
  REQUIRE(scene.all<DeathRecord>().size() == 1);
  CHECK(scene.all<SignalRecord>().at(0).frames == kFrames);
  auto evidence = scene.all<DeathRecord>()[0].verdict.evidence;
  CHECK(std::find(evidence.begin(), evidence.end(), "  give_up (a+0x2)") != evidence.end());
}

TEST_CASE("engine: frames that do not come hold up a signal no longer than an answer may take", "[engine]") {
  EngineOptions options;
  options.ask_limit = 100 * kMillisecond;
  Armed100 scene(options);
  scene.take(stack_of(kKiller));
  scene.take(kill_of(kKiller, kVictim, SIGKILL));
  scene.wait(99);
  CHECK(scene.all<SignalRecord>().empty());
  scene.wait(1);
  REQUIRE(scene.all<SignalRecord>().size() == 1);
  CHECK(scene.all<SignalRecord>()[0].frames.empty());
}

TEST_CASE("engine: a stack belongs to the next signal of its own task", "[engine]") {
  Armed100 scene;
  scene.take(stack_of(kKiller));
  scene.take(kill_of(events::task(300, 40, "other"), kVictim, SIGTERM));
  scene.take(kill_of(kKiller, kVictim, SIGKILL));
  CHECK(scene.stacks.empty());
  // A signal that an interrupt sends in between takes nothing away.
  scene.take(stack_of(kKiller));
  auto interrupt = kill_of(kKiller, kVictim, SIGALRM);
  std::get<kernel::Signal>(interrupt.what).own_context = false;
  scene.take(interrupt);
  CHECK(scene.stacks.empty());
  scene.take(kill_of(kKiller, kVictim, SIGKILL));
  CHECK(scene.stacks.size() == 1);
}

TEST_CASE("engine: executable memory whose stack was lost is not another task's", "[engine]") {
  Armed100 scene;
  scene.take(code(0x1000));
  scene.take(code(0x8000));
  scene.take(code(0x2000));
  scene.take(stack_of(kKiller));
  scene.take(kill_of(kKiller, kVictim, SIGKILL));
  REQUIRE(scene.stacks.size() == 1);
  REQUIRE(scene.stacks[0].stack.code.size() == 1);
  CHECK(scene.stacks[0].stack.code[0].start == 0x2000);
}

TEST_CASE("engine: where a process called exit", "[engine]") {
  Armed100 scene;
  scene.take(code(0x1000));
  scene.take(stack_of(kVictim, true));
  scene.take(events::exit(kVictim, 3 << 8));
  REQUIRE(scene.stacks.size() == 1);
  CHECK(scene.stacks[0].stack.code.size() == 1);
  scene.wait(200);
  CHECK(scene.all<DeathRecord>().empty());
  scene.take(FramesFound{scene.stacks[0].id, kFrames});
  REQUIRE(scene.all<DeathRecord>().size() == 1);
  CHECK(scene.all<DeathRecord>()[0].frames == kFrames);
  CHECK(scene.all<DeathRecord>()[0].verdict.summary ==
        "victim(100) ended by itself with exit status 3, in give_up < main.");
}

TEST_CASE("engine: a death whose signal another CPU reports later leaves after it", "[engine]") {
  Armed100 scene;
  scene.take(events::exit(kVictim, SIGKILL));
  scene.wait(100);
  CHECK(scene.all<DeathRecord>().empty());
  scene.take(kill_of(kKiller, kVictim, SIGKILL));
  scene.wait(200);
  REQUIRE(scene.records.size() == 4);
  CHECK(std::holds_alternative<SignalRecord>(scene.records[2]));
  CHECK(std::get<DeathRecord>(scene.records[3]).verdict.killer);
}

TEST_CASE("engine: --until-death finishes once, and its status says whether somebody died", "[engine]") {
  EngineOptions options;
  options.until_death = true;
  Armed100 scene(options);
  scene.take(events::exit(kVictim, 1 << 8));
  scene.wait(30);
  CHECK(scene.finished == 0);
  scene.finished.reset();
  scene.take(TimeIsUp{});
  CHECK_FALSE(scene.finished);
  Armed100 other(options);
  other.take(TimeIsUp{});
  CHECK(other.finished == 1);
}

TEST_CASE("engine: it waits at a stop for a target that is dying", "[engine]") {
  Armed100 scene;
  scene.take(kill_of(kKiller, kVictim, SIGINT));
  scene.take(StopAsked{});
  scene.take(StopAsked{});
  scene.wait(25);
  CHECK_FALSE(scene.finished);
  scene.take(events::exit(kVictim, SIGINT));
  scene.wait(25);
  scene.wait(25);
  CHECK(scene.finished == 0);
  CHECK(scene.all<DeathRecord>().size() == 1);
  Armed100 nobody;
  nobody.take(StopAsked{});
  nobody.wait(24);
  CHECK_FALSE(nobody.finished);
  nobody.wait(1);
  CHECK(nobody.finished == 0);
  Armed100 survivor;  // its death does not come
  survivor.take(kill_of(kKiller, kVictim, SIGINT));
  survivor.take(StopAsked{});
  for (int i = 0; i < 12; ++i) survivor.wait(25);
  CHECK(survivor.finished == 0);
}

TEST_CASE("engine: an end that nobody saw is a warning, and ends what waits for it", "[engine]") {
  EngineOptions options;
  options.until_death = true;
  Armed100 scene(options);
  scene.take(Gone{{kVictim.pid, kVictim.start + 1}, "unseen"});
  CHECK_FALSE(scene.finished);
  scene.take(Gone{{kVictim.pid, kVictim.start}, "while nobody looked"});
  CHECK(scene.finished == 1);
  auto warnings = scene.all<DiagnosticRecord>();
  REQUIRE(warnings.size() == 1);
  CHECK(warnings[0].message == "process 100 ended while nobody looked: how it ended is not known");
}

TEST_CASE("engine: where the input says which records are due, the time does not", "[engine]") {
  EngineOptions options;
  options.due_is_input = true;
  Armed100 scene(options);
  scene.take(kill_of(kKiller, kVictim, SIGTERM));
  scene.take(events::exit(kVictim, SIGTERM));
  scene.wait(10'000);
  CHECK(scene.all<SignalRecord>().empty());
  scene.take(Due{1});
  CHECK(scene.all<SignalRecord>().size() == 1);
  CHECK(scene.all<DeathRecord>().empty());
  scene.take(Due{1});
  CHECK(scene.all<DeathRecord>().size() == 1);
}

TEST_CASE("engine: the end lets everything go, and sums up", "[engine]") {
  Armed100 scene;
  scene.take(kill_of(kKiller, kVictim, SIGTERM));
  scene.take(Loss{3, "somewhere", scene.now});
  scene.take(Ended{fail("a fault", "a remedy", "an.id")});
  REQUIRE(scene.records.size() == 6);
  CHECK(std::holds_alternative<SignalRecord>(scene.records[2]));
  CHECK(std::get<LossRecord>(scene.records[3]).count == 3);
  CHECK(std::get<DiagnosticRecord>(scene.records[4]).id == "an.id");
  CHECK(std::get<SummaryRecord>(scene.records[5]).lost == 3);
  CHECK_FALSE(scene.engine->needs_ticks());
}

TEST_CASE("engine: the child of a target is the backend's to watch where it came too early", "[engine]") {
  engines::Scene scene;
  scene.machine.add(kVictim, 1);
  auto targets = victim();
  targets.children = true;
  scene.begin(targets);
  REQUIRE(scene.engine->begin().has_value());
  auto child = task(300, 40, "child");
  scene.machine.add(child, kVictim.pid);
  scene.take(Armed{"BPF", "6.1.0", {}});
  CHECK(scene.watch_too == std::vector<ProcessKey>{{300, 40}});
  scene.now += kMillisecond;
  scene.take(events::fork(kVictim, task(301, 41, "later")));
  CHECK(scene.watch_too.size() == 1);
  CHECK(scene.engine->roster().has({301, 41}));
}

TEST_CASE("engine: a pod that the watch waited for has its name and its container's in the records", "[engine]") {
  const std::string uid = "2c48a299-e1f2-4f4c-9d7a-0123456789ab", id(64, 'b');
  const std::string cgroup = "/kubepods/besteffort/pod" + uid + '/' + id;
  engines::Scene scene;
  TargetOptions targets;
  targets.pods = {"shop/cart-0"};
  targets.wait = true;
  scene.begin(targets);
  REQUIRE(scene.engine->begin().has_value());
  scene.take(Armed{"BPF", "6.1.0", {}});
  scene.take(LookAround{});
  scene.machine.pods[uid] = "shop/cart-0";
  scene.machine.runs[uid] = {{"server", 0}};
  auto server = events::exec(task(300, 40, "server"), 1, "/server", "server");
  events::image_of(server).cgroup = cgroup;
  scene.take(server);
  scene.wait(100);
  auto records = scene.all<ContainerRecord>();
  REQUIRE(records.size() == 1);
  CHECK(records[0].what == ContainerRecord::What::started);
  CHECK(records[0].pod == "shop/cart-0");
  CHECK(records[0].name == "server");
  CHECK(records[0].container.id == id);
}
