#include "session/scene.h"

TEST_CASE("session: --wait for a pid that appears by fork", "[session]") {
  Scene scene;
  scene.targets = {.pids = {kVictimPid}, .wait = true};
  scene.options.until_death = true;
  scene.run([](FakeBackend& fake) {
    appear(fake);
    fake.report(signal_event(kKiller, kVictim, 9), returned(kKiller, 0), events::exit(kVictim, 9));
  });
  CHECK(scene.result == 0);
  CHECK_FALSE(scene.watching.everything);
  REQUIRE(scene.watching.processes.size() == 1);
  CHECK(scene.watching.processes[0].pid == kVictimPid);
  CHECK(scene.lines[0]["targets"]["pid"] == json({std::to_string(kVictimPid)}));
  CHECK(scene.one("death")["verdict"]["killer"]["pid"] == kKiller.pid);
}

TEST_CASE("session: a pid that does not exist is an error without --wait", "[session]") {
  Scene scene;
  scene.targets = {.pids = {kVictimPid}};
  scene.run([](FakeBackend&) {});
  REQUIRE_FALSE(scene.result.has_value());
  CHECK(scene.result.error().id == "target.missing");
  CHECK(scene.result.error().message.english().find(std::to_string(kVictimPid)) != std::string::npos);
  CHECK_FALSE(scene.result.error().remedy.empty());
  CHECK_FALSE(scene.started);
  CHECK(scene.lines.empty());
}

TEST_CASE("session: a reused pid is another process", "[session]") {
  auto second = task(kVictimPid, 99, "skt-second");
  Scene scene;
  scene.targets = {.pids = {kVictimPid}, .wait = true};
  scene.run([&](FakeBackend& fake) {
    appear(fake);
    fake.report(events::exit(kVictim, 0), events::fork(kParent, second), signal_event(kKiller, second, 9),
                returned(kKiller, 0), events::exit(second, 9));
    fake.end({});
  });
  CHECK(scene.all("signal").empty());
  CHECK(scene.one("death")["process"]["comm"] == "skt-victim");
}

TEST_CASE("session: a process that exists is watched, and an earlier one of its pid is not", "[session]") {
  auto self = read_process(::getpid());
  REQUIRE(self.has_value());
  auto target = task(::getpid(), self->process.start, "stapkill_unit", 0), earlier = target;
  earlier.start -= 1;
  Scene scene;
  scene.targets = {.pids = {::getpid()}};
  scene.options.count = 1;
  scene.run([&](FakeBackend& fake) { fake.report(kernel_signal(earlier, 1), kernel_signal(target, 2)); });
  REQUIRE(scene.watching.processes.size() == 1);
  CHECK(scene.watching.processes[0].pid == ::getpid());
  CHECK(scene.watching.processes[0].start == read_process(::getpid())->process.start);
  CHECK_FALSE(scene.watching.children);
  auto signal = scene.one("signal");
  CHECK(signal["signal"]["number"] == 2);
  // What /proc shows is known from the start.
  CHECK(signal["target"]["exe"] == std::filesystem::read_symlink("/proc/self/exe").string());
  CHECK(signal["target"]["argv"].is_array());
}

TEST_CASE("session: a target that ends as soon as it is reported as watched has its parents", "[session]") {
  pid_t child = ::fork();
  if (child == 0) {
    ::pause();
    ::_exit(1);
  }
  auto living = read_process(child);
  REQUIRE(living.has_value());
  auto target = task(child, living->process.start, living->process.comm, 0);
  Scene scene;
  scene.targets = {.pids = {child}};
  scene.options.until_death = true;
  // A script that waits for "armed" may end it at once, before anything more can be read of it.
  scene.on_record = [&](const Record& record) {
    if (!std::holds_alternative<ArmedRecord>(record)) return;
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
  };
  scene.run([&](FakeBackend& fake) { fake.report(events::exit(target, 3 << 8)); });
  auto ancestry = scene.one("death")["ancestry"];
  REQUIRE(ancestry.size() >= 1);
  CHECK(ancestry.front()["pid"] == ::getpid());
  CHECK(ancestry.back()["pid"] == 1);
}

TEST_CASE("session: a target whose end was lost does not let the session wait for ever", "[session]") {
  pid_t child = ::fork();
  if (child == 0) {
    ::pause();
    ::_exit(1);
  }
  bool reported = GENERATE(false, true);
  auto living = read_process(child);
  REQUIRE(living.has_value());
  auto target = task(child, living->process.start, living->process.comm, 0);
  Scene scene;
  scene.targets = {.pids = {child}};
  scene.options.until_death = true;
  scene.run([&](FakeBackend& fake) {
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    fake.lose(3, "SystemTap's buffers");
    if (reported) fake.report(events::exit(target, 9));
  });
  CHECK(scene.result.value() == (reported ? 0 : 1));
  CHECK(scene.all("death").size() == (reported ? 1 : 0));
  CHECK(scene.all("diagnostic").size() == (reported ? 0 : 1));
  if (!reported) CHECK(scene.one("diagnostic")["id"] == "target.missing");
}

TEST_CASE("session: --name matches what renames itself", "[session]") {
  auto before = kVictim;
  before.comm = "skt-before";
  Scene scene;
  scene.run([&](FakeBackend& fake) {
    fake.report(events::fork(kParent, before), kernel_signal(before, 1), events::rename(kVictim),
                kernel_signal(kVictim, 2));
    // What has joined stays, whatever it calls itself then.
    auto after = kVictim;
    after.comm = "skt-after";
    fake.report(events::rename(after), kernel_signal(after, 3), events::exit(after, 0));
    fake.end({});
  });
  CHECK(scene.watching.everything);
  auto signals = scene.all("signal");
  REQUIRE(signals.size() == 2);
  CHECK(signals[0]["signal"]["number"] == 2);
  CHECK(signals[0]["target"]["comm"] == "skt-victim");
  CHECK(signals[1]["signal"]["number"] == 3);
  CHECK(scene.one("death")["process"]["comm"] == "skt-after");
}

TEST_CASE("session: --name matches what execs", "[session]") {
  auto before = kVictim;
  before.comm = "skt-before";
  Scene scene;
  scene.run([&](FakeBackend& fake) {
    fake.report(events::fork(kParent, before), events::exec(kVictim, kParent.pid, "/x/skt-victim", "skt-victim"),
                kernel_signal(kVictim, 2));
    fake.end({});
  });
  CHECK(scene.one("signal")["target"]["exe"] == "/x/skt-victim");
}

TEST_CASE("session: --name matches what was not seen to start", "[session]") {
  Scene scene;
  scene.run([](FakeBackend& fake) {
    fake.report(kernel_signal(kVictim, 2));
    fake.end({});
  });
  CHECK(scene.all("signal").size() == 1);
}

TEST_CASE("session: --children", "[session]") {
  auto child = task(kVictimPid + 1, 21, "skt-child"), grandchild = task(kVictimPid + 2, 22, "skt-grandchild");
  Scene scene;
  scene.targets = {.pids = {kVictimPid}, .children = true, .wait = true};
  scene.options.until_death = true;
  scene.run([&](FakeBackend& fake) {
    appear(fake);
    fake.report(events::fork(kVictim, child), events::fork(child, grandchild), kernel_signal(grandchild, 1),
                events::exit(child, 0), kernel_signal(grandchild, 2), events::exit(grandchild, 0));
    CHECK(fake.stops == 0);  // no target of the user's has died yet
    fake.report(events::exit(kVictim, 0));
  });
  CHECK(scene.watching.children);
  CHECK(scene.result == 0);
  CHECK(scene.all("signal").size() == 2);
  auto deaths = scene.all("death");
  REQUIRE(deaths.size() == 3);
  CHECK(deaths[0]["process"]["pid"] == child.pid);
  CHECK(deaths[1]["process"]["pid"] == grandchild.pid);
  CHECK(deaths[2]["process"]["pid"] == kVictimPid);
}

TEST_CASE("session: without --children what targets fork is not watched", "[session]") {
  auto child = task(kVictimPid + 1, 21, "skt-child");
  Scene scene;
  scene.run([&](FakeBackend& fake) {
    appear(fake);
    fake.report(events::fork(kVictim, child), kernel_signal(child, 1), events::exit(child, 0));
    fake.end({});
  });
  CHECK(scene.all("signal").empty());
  CHECK(scene.all("death").empty());
}

TEST_CASE("session: --children takes in those that were forked before it was armed", "[session]") {
  pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::execlp("sleep", "sleep", "60", nullptr);
    ::_exit(127);
  }
  Scene scene;
  scene.targets = {.pids = {::getpid()}, .children = true};
  scene.run([](FakeBackend& fake) { fake.end({}); });
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  CHECK(std::count(scene.watched.begin(), scene.watched.end(), child) == 1);
}

TEST_CASE("session: --all watches whatever is reported", "[session]") {
  Scene scene;
  scene.targets = {.all = true};
  scene.run([](FakeBackend& fake) {
    fake.report(kernel_signal(kOther, 1), kernel_signal(kVictim, 2));
    fake.end({});
  });
  CHECK(scene.watching.everything);
  CHECK(scene.all("signal").size() == 2);
}

TEST_CASE("session: a command is started once armed, watched, and its death is the end", "[session]") {
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  pid_t pid = 0;
  Scene scene;
  scene.targets = {.command = {"sleep", "60"}};
  scene.prepare = [&](FakeBackend& fake) {
    fake.in_child = [fd = ends[1]] {
      pid_t self = ::getpid();
      if (::write(fd, &self, sizeof self) < 0) ::_exit(1);
    };
    fake.before_armed = [&](FakeBackend&) {
      ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
      CHECK(::read(ends[0], &pid, sizeof pid) < 0);  // not before
    };
  };
  scene.run([&](FakeBackend& fake) {
    REQUIRE(::read(ends[0], &pid, sizeof pid) == sizeof pid);
    auto entry = read_process(pid);
    REQUIRE(entry.has_value());
    auto command = task(pid, entry->process.start, "sleep");
    fake.report(signal_event(kKiller, command, 9), returned(kKiller, 0), events::exit(command, 9));
  });
  ::close(ends[0]);
  ::close(ends[1]);
  CHECK(scene.result == 0);
  CHECK(scene.lines[0]["targets"]["command"] == json({"sleep", "60"}));
  CHECK(scene.one("death")["process"]["pid"] == pid);
  CHECK(scene.one("death")["verdict"]["killer"]["pid"] == kKiller.pid);
  // It outlives the session: stapkill watches, it does not kill.
  CHECK(::kill(pid, 0) == 0);
  ::kill(pid, SIGKILL);
  ::waitpid(pid, nullptr, 0);
}

TEST_CASE(
    "session: a command that ends at once is reported anyway, and a process that gets its pid is not taken for it",
    "[session]") {
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  struct Self {
    int pid;
    std::uint64_t start;
  } self{};
  Scene scene;
  scene.targets = {.command = {"true"}};
  scene.prepare = [&](FakeBackend& fake) {
    fake.in_child = [fd = ends[1]] {
      Self here{::getpid(), read_process(::getpid())->process.start};
      if (::write(fd, &here, sizeof here) < 0) ::_exit(1);
    };
  };
  scene.run([&](FakeBackend& fake) {
    REQUIRE(::read(ends[0], &self, sizeof self) == sizeof self);
    auto command = task(self.pid, self.start, "true"), stranger = task(self.pid, self.start + 200, "stranger");
    // /proc may know nothing of the command any more, and its first records may have been lost.
    fake.report(events::fork(kParent, stranger), events::exit(stranger, 3 << 8), events::exit(command, 0));
  });
  ::close(ends[0]);
  ::close(ends[1]);
  CHECK(scene.result == 0);
  CHECK(scene.one("death")["process"]["pid"] == self.pid);
  CHECK(scene.one("death")["exit"]["status"] == 0);
}

TEST_CASE("session: a command that cannot be started is an error", "[session]") {
  Scene scene;
  scene.targets = {.command = {"no-such-program-stapkill"}};
  scene.run([](FakeBackend&) {});
  REQUIRE_FALSE(scene.result.has_value());
  CHECK(scene.result.error().message.english().find("no-such-program-stapkill") != std::string::npos);
  CHECK(scene.lines.back()["type"] == "summary");
}

TEST_CASE("session: what happens before the arming is over is not missed", "[session]") {
  Scene scene;
  scene.prepare = [](FakeBackend& fake) { fake.before_armed = [](FakeBackend& early) { appear(early); }; };
  scene.run([](FakeBackend& fake) {
    fake.report(events::exit(kVictim, 0));
    fake.end({});
  });
  CHECK(scene.all("death").size() == 1);
}

TEST_CASE("session: a process that matched only as a child leaves at its exec", "[session]") {
  auto child = task(kVictimPid + 1, 50, "skt-victim"), same = task(kVictimPid + 2, 51, "skt-victim");
  auto other = child;
  other.comm = "sleep";
  Scene scene;
  scene.targets = {.names = {"^skt-victim$"}};
  scene.run([&](FakeBackend& fake) {
    appear(fake);
    fake.report(events::fork(kVictim, child), events::exec(other, kVictim.pid, "/bin/sleep", "sleep"),
                signal_event(kKiller, other, 15), events::exit(other, 15), events::fork(kVictim, same),
                signal_event(kKiller, same, 9), events::exit(same, 9), events::exit(kVictim, 0));
    fake.end({});
  });
  auto deaths = scene.all("death");
  REQUIRE(deaths.size() == 2);
  CHECK(deaths[0]["process"]["pid"] == same.pid);
  CHECK(deaths[1]["process"]["pid"] == kVictim.pid);
}

TEST_CASE("session: what a process is sent before the exec by which it joins is its story", "[session]") {
  auto born = task(kVictimPid + 1, 50, "skt-parent"), victim = born;
  victim.comm = "skt-late";
  Scene scene;
  scene.targets = {.names = {"^skt-late$"}};
  scene.run([&](FakeBackend& fake) {
    fake.report(events::fork(kParent, born), signal_event(kKiller, born, 15),
                events::exec(victim, kParent.pid, "/bin/late", "late"), events::exit(victim, 15));
    fake.end({});
  });
  auto verdict = scene.one("death")["verdict"];
  CHECK(verdict["cause"] == "kill");
  CHECK(verdict["initiator"]["pid"] == kKiller.pid);
  CHECK(verdict["signal_seq"].is_null());
}
