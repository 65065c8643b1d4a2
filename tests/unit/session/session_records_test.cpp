#include "session/scene.h"

TEST_CASE("session: a stream begins with session and armed and ends with summary", "[session]") {
  Scene scene;
  scene.options.version = "1.2.3";
  scene.targets.children = true;
  scene.run([](FakeBackend& fake) { fake.end({}); });
  CHECK(scene.result == 0);
  REQUIRE(scene.lines.size() == 3);
  CHECK(scene.lines[0]["type"] == "session");
  CHECK(scene.lines[0]["version"] == "1.2.3");
  CHECK(scene.lines[0]["backend"] == "stap");
  CHECK(scene.lines[0]["probes"].size() == 1);
  CHECK(scene.lines[0]["targets"] == json({{"name", {"^skt-victim$"}}, {"children", json::array()}}));
  CHECK(scene.lines[1]["type"] == "armed");
  CHECK(scene.lines[2]["type"] == "summary");
  CHECK(scene.lines[2]["signals"] == 0);
  CHECK(scene.lines[2]["deaths"] == 0);
  CHECK(scene.lines[2]["lost"] == 0);
}

TEST_CASE("session: a signal waits for the return of its system call", "[session]") {
  Scene scene;
  scene.options.count = 1;
  scene.run([](FakeBackend& fake) {
    appear(fake);
    fake.report(signal_event(kKiller, kVictim, 9), returned(kKiller, -3));
  });
  CHECK(scene.result == 0);
  auto signal = scene.one("signal");
  CHECK(signal["seq"] == 1);
  CHECK(signal["signal"]["name"] == "SIGKILL");
  CHECK(signal["by"] == "process");
  CHECK(signal["sender"]["pid"] == kKiller.pid);
  CHECK(signal["sender"]["comm"] == "skt-killer");
  CHECK(signal["target"]["pid"] == kVictimPid);
  CHECK(signal["syscall"] == json({{"name", "kill"}, {"pid", nullptr}, {"aims_at", nullptr}, {"ret", -3}}));
  CHECK(signal["ancestry"].size() == 1);
}

TEST_CASE("session: a return of another thread is not its return", "[session]") {
  Scene scene;
  scene.options.count = 1;
  scene.run([](FakeBackend& fake) {
    appear(fake);
    fake.report(signal_event(kKiller, kVictim, 9), returned(kOther, -1), returned(kKiller, 0));
  });
  CHECK(scene.one("signal")["syscall"]["ret"] == 0);
}

TEST_CASE("session: one call that signals a whole group returns for each", "[session]") {
  auto second = kVictim;
  second.pid = second.tid = kVictimPid + 1;
  Scene scene;
  scene.options.count = 2;
  scene.run([&](FakeBackend& fake) {
    fake.report(events::fork(kParent, kVictim), events::fork(kParent, second), signal_event(kKiller, kVictim, 9),
                signal_event(kKiller, second, 9), returned(kKiller, 0));
  });
  auto signals = scene.all("signal");
  REQUIRE(signals.size() == 2);
  for (const auto& signal : signals) CHECK(signal["syscall"]["ret"] == 0);
}

TEST_CASE("session: a return that never comes is null after a while", "[session]") {
  Scene scene;
  scene.options.count = 1;
  scene.run([](FakeBackend& fake) {
    appear(fake);
    fake.report(signal_event(kKiller, kVictim, 9));
  });
  CHECK(scene.result == 0);
  auto signal = scene.one("signal");
  CHECK(signal["syscall"]["name"] == "kill");
  CHECK(signal["syscall"]["ret"].is_null());
}

TEST_CASE("session: what a filter hides has its call's result in the evidence", "[session]") {
  Scene scene;
  scene.options.signals = {9};
  scene.options.until_death = true;
  scene.run([](FakeBackend& fake) {
    appear(fake);
    fake.report(signal_event(kOther, kVictim, 15), returned(kOther, 0));
    fake.report(signal_event(kKiller, kVictim, 9), returned(kKiller, 0), events::exit(kVictim, 9));
  });
  CHECK(scene.all("signal").size() == 1);
  auto evidence = scene.one("death")["verdict"]["evidence"].dump();
  CHECK(evidence.find("SIGTERM delivered: kill(2) = 0 by skt-other") != std::string::npos);
}

TEST_CASE("session: what waits when all ends is reported", "[session]") {
  Scene scene;
  scene.run([](FakeBackend& fake) {
    appear(fake);
    fake.report(signal_event(kKiller, kVictim, 9), events::exit(kVictim, 9));
    fake.end({});
  });
  CHECK(scene.all("signal").size() == 1);
  CHECK(scene.all("death").size() == 1);
  CHECK(scene.lines.back()["type"] == "summary");
  CHECK(scene.lines.back()["signals"] == 1);
  CHECK(scene.lines.back()["deaths"] == 1);
}

TEST_CASE("session: the kernel's own signal is by the kernel", "[session]") {
  Scene scene;
  scene.run([](FakeBackend& fake) {
    appear(fake);
    // A timer that fires while somebody is in kill(2) for other reasons; a fault; parent-death, SI_USER in no such
    // call.
    fake.report(signal_event(kKiller, kVictim, 14, SYS_kill, 0x80));
    fake.report(kernel_signal(kVictim, 9));
    fake.report(signal_event(kKiller, kVictim, 15, SYS_exit, 0));
    auto interrupt = signal_event(kKiller, kVictim, 15, SYS_kill, 0);
    std::get<kernel::Signal>(interrupt.what).own_context = false;
    fake.report(interrupt);
    fake.end({});
  });
  auto signals = scene.all("signal");
  REQUIRE(signals.size() == 4);
  for (const auto& signal : signals) {
    CHECK(signal["by"] == "kernel");
    CHECK(signal["syscall"].is_null());
  }
}

TEST_CASE("session: each call that sends signals is named", "[session]") {
  const std::pair<int, const char*> calls[] = {{SYS_kill, "kill"},
                                               {SYS_tkill, "tkill"},
                                               {SYS_tgkill, "tgkill"},
                                               {SYS_rt_sigqueueinfo, "rt_sigqueueinfo"},
                                               {SYS_rt_tgsigqueueinfo, "rt_tgsigqueueinfo"},
                                               {SYS_pidfd_send_signal, "pidfd_send_signal"}};
  Scene scene;
  scene.run([&](FakeBackend& fake) {
    appear(fake);
    for (const auto& [number, name] : calls)
      fake.report(signal_event(kKiller, kVictim, 1, number, -1), returned(kKiller, 0));
    fake.end({});
  });
  auto signals = scene.all("signal");
  REQUIRE(signals.size() == std::size(calls));
  for (std::size_t i = 0; i < signals.size(); ++i) {
    CHECK(signals[i]["syscall"]["name"] == calls[i].second);
    CHECK(signals[i]["seq"] == i + 1);
  }
}

TEST_CASE("session: signals of what is not watched are not reported", "[session]") {
  Scene scene;
  scene.run([](FakeBackend& fake) {
    appear(fake);
    fake.report(signal_event(kVictim, kOther, 9), events::exit(kOther, 9));
    fake.end({});
  });
  CHECK(scene.all("signal").empty());
  CHECK(scene.all("death").empty());
}

TEST_CASE("session: records leave in the order in which things happened", "[session]") {
  Scene scene;
  scene.run([](FakeBackend& fake) {
    appear(fake);
    // The first waits for its return; those after it wait with it.
    fake.report(signal_event(kKiller, kVictim, 15), kernel_signal(kVictim, 1), events::exit(kVictim, 0),
                returned(kKiller, 0));
    fake.end({});
  });
  std::vector<std::string> types;
  for (const auto& line : scene.lines) types.push_back(line["type"]);
  CHECK(types == std::vector<std::string>{"session", "armed", "signal", "signal", "death", "summary"});
  CHECK(scene.lines[2]["signal"]["number"] == 15);
  CHECK(scene.lines[2]["syscall"]["ret"] == 0);
  CHECK(scene.lines[3]["signal"]["number"] == 1);
}

TEST_CASE("session: a death has its verdict", "[session]") {
  Scene scene;
  scene.options.until_death = true;
  scene.run([](FakeBackend& fake) {
    appear(fake);
    fake.report(signal_event(kOther, kVictim, 1), returned(kOther, 0), signal_event(kKiller, kVictim, 9),
                returned(kKiller, 0), events::exit(kVictim, 9));
  });
  CHECK(scene.result == 0);
  CHECK(scene.stops == 1);
  auto death = scene.one("death");
  CHECK(death["process"]["pid"] == kVictimPid);
  CHECK(death["exit"]["signal"] == 9);
  CHECK(death["verdict"]["cause"] == "kill");
  CHECK(death["verdict"]["by"] == "process");
  CHECK(death["verdict"]["killer"]["pid"] == kKiller.pid);
  CHECK(death["verdict"]["signal_seq"] == 2);
  CHECK(death["verdict"]["confidence"] == "certain");
  REQUIRE(death["ancestry"].size() == 1);
  CHECK(death["ancestry"][0]["pid"] == 1);
}

TEST_CASE("session: without a killer the ancestry is that of the process itself", "[session]") {
  Scene scene;
  scene.options.until_death = true;
  scene.run([](FakeBackend& fake) {
    fake.report(events::fork(kInit, kParent));
    appear(fake);
    fake.report(events::exit(kVictim, 0));
  });
  auto death = scene.one("death");
  CHECK(death["verdict"]["killer"].is_null());
  REQUIRE_FALSE(death["ancestry"].empty());
  CHECK(death["ancestry"][0]["pid"] == kParent.pid);
}

TEST_CASE("session: a death is reported once, also with two exit events", "[session]") {
  for (int status : {0, 9}) {
    Scene scene;
    scene.run([&](FakeBackend& fake) {
      appear(fake);
      fake.report(events::exit(kVictim, status), events::exit(kVictim, status));
      fake.end({});
    });
    CHECK(scene.all("death").size() == 1);
    CHECK(scene.lines.back()["deaths"] == 1);
  }
}

TEST_CASE("session: what comes after a death does not make the process a target again", "[session]") {
  // A dying session leader gets a late SIGHUP from itself, and a zombie can be signalled (kill(2)).
  Scene scene;
  scene.run([](FakeBackend& fake) {
    appear(fake);
    auto late = kernel_signal(kVictim, 1);
    std::get<kernel::Signal>(late.what).result = 1;
    fake.report(events::exit(kVictim, 0), late, events::rename(kVictim), events::exit(kVictim, 0));
    fake.end({});
  });
  CHECK(scene.all("death").size() == 1);
  CHECK(scene.all("signal").empty());
}

TEST_CASE("session: a death that comes before its signal waits for it", "[session]") {
  Scene scene;
  scene.options.until_death = true;
  scene.run([](FakeBackend& fake) {
    appear(fake);
    fake.report(events::exit(kVictim, 9), signal_event(kKiller, kVictim, 9), returned(kKiller, 0));
  });
  CHECK(scene.result == 0);
  auto death = scene.one("death");
  CHECK(death["verdict"]["cause"] == "kill");
  CHECK(death["verdict"]["killer"]["pid"] == kKiller.pid);
  CHECK(death["verdict"]["signal_seq"] == 1);
  CHECK(scene.one("signal")["seq"] == 1);
}

TEST_CASE("session: the signal of a death stands before it, whatever came first", "[session]") {
  Scene scene;
  scene.run([](FakeBackend& fake) {
    appear(fake);
    fake.report(events::exit(kVictim, 9), signal_event(kKiller, kVictim, 9), returned(kKiller, 0));
    fake.end({});
  });
  std::vector<std::string> types;
  for (const auto& line : scene.lines) types.push_back(line["type"]);
  CHECK(types == std::vector<std::string>{"session", "armed", "signal", "death", "summary"});
}

TEST_CASE("session: a death whose signal never comes is unknown", "[session]") {
  Scene scene;
  scene.options.until_death = true;
  scene.run([](FakeBackend& fake) {
    appear(fake);
    fake.report(events::exit(kVictim, 9));
  });
  CHECK(scene.result == 0);
  auto death = scene.one("death");
  CHECK(death["verdict"]["cause"] == "unknown");
  CHECK(death["verdict"]["killer"].is_null());
  CHECK(death["verdict"]["confidence"] == "unknown");
}
