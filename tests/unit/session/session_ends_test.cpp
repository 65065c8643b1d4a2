#include "session/scene.h"

TEST_CASE("session: what the filters hide still explains a death", "[session]") {
  Scene scene;
  SECTION("by signal") {
    scene.options.signals = {15};
  }
  SECTION("by sender") {
    scene.options.sender_pid = kOther.pid;
  }
  SECTION("by user") {
    scene.options.sender_uid = 4242;
  }
  scene.options.until_death = true;
  scene.run([](FakeBackend& fake) {
    appear(fake);
    fake.report(signal_event(kKiller, kVictim, 9), returned(kKiller, 0), events::exit(kVictim, 9));
  });
  CHECK(scene.all("signal").empty());
  CHECK(scene.lines.back()["signals"] == 0);
  auto death = scene.one("death");
  CHECK(death["verdict"]["cause"] == "kill");
  CHECK(death["verdict"]["killer"]["pid"] == kKiller.pid);
  CHECK(death["verdict"]["signal_seq"].is_null());
  CHECK(death["verdict"]["confidence"] == "certain");
}

TEST_CASE("session: it says once that it is armed, and once that the probes go", "[session]") {
  Scene scene;
  std::vector<std::string> heard;
  scene.on_record = [&](const Record& record) {
    if (std::holds_alternative<ArmedRecord>(record)) heard.emplace_back("record");
    if (std::holds_alternative<SummaryRecord>(record)) heard.emplace_back("summary");
  };
  scene.options.on_armed = [&] { heard.emplace_back("armed"); };
  scene.options.on_stopping = [&] { heard.emplace_back("stopping"); };
  scene.options.until_death = true;
  scene.run([](FakeBackend& fake) {
    appear(fake);
    fake.report(signal_event(kKiller, kVictim, 9), returned(kKiller, 0), events::exit(kVictim, 9));
  });
  CHECK(heard == std::vector<std::string>{"record", "armed", "stopping", "summary"});
}

TEST_CASE("session: a helper that obeys a signal fails a watch unless its end is due", "[session]") {
  Scene scene;
  scene.options.until_death = true;
  bool dies = GENERATE(true, false);
  scene.run([dies](FakeBackend& fake) {
    appear(fake);
    // The death waits for the sender's return from its system call.
    fake.report(signal_event(kKiller, kVictim, 9));
    if (dies) fake.report(events::exit(kVictim, 9));
    fake.end(fail("staprun exited with status 0 while watching", {}, "stap.staprun", ErrorKind::interrupted));
  });
  CHECK(scene.result.has_value() == dies);
  CHECK(scene.all("death").size() == (dies ? 1 : 0));
  CHECK(scene.all("diagnostic").size() == (dies ? 0 : 1));
  CHECK(scene.lines.back()["type"] == "summary");
}

TEST_CASE("session: a helper that fails fails a watch whose end is due", "[session]") {
  Scene scene;
  scene.options.until_death = true;
  scene.run([](FakeBackend& fake) {
    appear(fake);
    fake.report(signal_event(kKiller, kVictim, 9), events::exit(kVictim, 9));
    fake.end(fail("staprun exited with status 1 while watching", {}, "stap.staprun"));
  });
  CHECK_FALSE(scene.result.has_value());
}

TEST_CASE("session: a loop that runs dry is a failure, and the summary still comes", "[session]") {
  Scene scene;
  scene.run([](FakeBackend& fake) {
    appear(fake);
    fake.loop().stop();
  });
  REQUIRE_FALSE(scene.result.has_value());
  CHECK_THAT(scene.result.error().message, Catch::Matchers::StartsWith("the watch ended too early"));
  CHECK(scene.lines.back()["type"] == "summary");
}

TEST_CASE("session: what passes the filters is reported, and only that is counted", "[session]") {
  Scene scene;
  SECTION("by signal") {
    scene.options.signals = {1, 2};
  }
  SECTION("by sender") {
    scene.options.sender_pid = kOther.pid;
  }
  SECTION("by user") {
    scene.options.sender_uid = 4242;
  }
  scene.run([](FakeBackend& fake) {
    appear(fake);
    fake.report(signal_event(kKiller, kVictim, 15), signal_event(kOther, kVictim, 2),
                signal_event(kKiller, kVictim, 10));
    fake.end({});
  });
  auto signal = scene.one("signal");
  CHECK(signal["signal"]["number"] == 2);
  CHECK(signal["seq"] == 1);
  CHECK(scene.lines.back()["signals"] == 1);
}

TEST_CASE("session: all filters must be passed", "[session]") {
  Scene scene;
  scene.options.signals = {15};
  scene.options.sender_pid = kOther.pid;
  scene.run([](FakeBackend& fake) {
    appear(fake);
    fake.report(signal_event(kKiller, kVictim, 15), signal_event(kOther, kVictim, 2));
    fake.end({});
  });
  CHECK(scene.all("signal").empty());
}

TEST_CASE("session: --count ends it after that many signals", "[session]") {
  Scene scene;
  scene.options.count = 2;
  scene.run([](FakeBackend& fake) {
    appear(fake);
    for (int number : {1, 2, 3, 15}) fake.report(kernel_signal(kVictim, number));
  });
  CHECK(scene.result == 0);
  auto signals = scene.all("signal");
  REQUIRE(signals.size() == 2);
  CHECK(signals[0]["signal"]["number"] == 1);
  CHECK(signals[1]["signal"]["number"] == 2);
  CHECK(scene.lines.back()["type"] == "summary");
  CHECK(scene.lines.back()["signals"] == 2);
  CHECK(scene.stops == 1);
}

TEST_CASE("session: --count does not count what is filtered out", "[session]") {
  Scene scene;
  scene.options.count = 1;
  scene.options.signals = {9};
  scene.run([](FakeBackend& fake) {
    appear(fake);
    fake.report(kernel_signal(kVictim, 1), kernel_signal(kVictim, 9));
  });
  CHECK(scene.one("signal")["signal"]["number"] == 9);
}

TEST_CASE("session: --duration ends it", "[session]") {
  Scene scene;
  scene.options.duration = 0.01;
  SECTION("by itself it has done its job") {
    scene.run([](FakeBackend&) {});
    CHECK(scene.result == 0);
  }
  SECTION("with --until-death it came too early") {
    scene.options.until_death = true;
    scene.run([](FakeBackend&) {});
    CHECK(scene.result == 1);
  }
  CHECK(scene.one("summary")["deaths"] == 0);
}

TEST_CASE("session: a signal of its own ends it with its summary", "[session]") {
  for (int number : {SIGINT, SIGTERM}) {
    Scene scene;
    scene.run([&](FakeBackend&) { ::kill(::getpid(), number); });
    CHECK(scene.result == 0);
    CHECK(scene.lines.back()["type"] == "summary");
    CHECK(scene.stops == 1);
  }
}

TEST_CASE("session: losses are reported, summed up, and make verdicts less certain", "[session]") {
  Scene scene;
  scene.run([](FakeBackend& fake) {
    appear(fake);
    fake.lose(3, "SystemTap's buffers");
    fake.lose(2, "elsewhere");
    fake.report(signal_event(kKiller, kVictim, 9), returned(kKiller, 0), events::exit(kVictim, 9));
    fake.end({});
  });
  auto losses = scene.all("loss");
  REQUIRE(losses.size() == 2);
  CHECK(losses[0]["count"] == 3);
  CHECK(losses[0]["where"] == "SystemTap's buffers");
  CHECK(losses[1]["count"] == 2);
  CHECK(scene.lines.back()["lost"] == 5);
  CHECK(scene.one("death")["verdict"]["confidence"] == "likely");
}

TEST_CASE("session: --trace-exec reports every process", "[session]") {
  Scene scene;
  scene.options.trace_exec = true;
  scene.run([](FakeBackend& fake) {
    fake.report(events::fork(kParent, kOther), events::exec(kOther, kParent.pid, "/x/y", "y"),
                events::exit(kOther, 2 << 8));
    fake.end({});
  });
  auto fork = scene.one("fork");
  CHECK(fork["process"]["pid"] == kOther.pid);
  CHECK(fork["parent"]["pid"] == kParent.pid);
  CHECK(scene.one("exec")["process"]["exe"] == "/x/y");
  CHECK(scene.one("exit")["exit"]["status"] == 2);
  CHECK(scene.all("death").empty());
}

TEST_CASE("session: without --trace-exec none of that is reported", "[session]") {
  Scene scene;
  scene.run([](FakeBackend& fake) {
    fake.report(events::fork(kParent, kOther), events::exit(kOther, 0));
    fake.end({});
  });
  CHECK(scene.lines.size() == 3);
}

TEST_CASE("session: diagnostics go to the stream and to stderr", "[session]") {
  Scene scene;
  scene.run([](FakeBackend& fake) {
    fake.diagnose({DiagnosticRecord::Level::warning, 0, "stap.transport", "m", "r"});
    fake.end({});
  });
  auto diagnostic = scene.one("diagnostic");
  CHECK(diagnostic["id"] == "stap.transport");
  CHECK(diagnostic["level"] == "warning");
  CHECK(diagnostic["time"].get<std::string>().substr(0, 2) == "20");  // it has one, though the backend gave none
  REQUIRE(scene.diagnostics.size() == 1);
  CHECK(scene.diagnostics[0].id == "stap.transport");
}

TEST_CASE("session: a backend that fails ends it with the error, and the summary is last", "[session]") {
  Scene scene;
  scene.run([](FakeBackend& fake) {
    appear(fake);
    fake.report(signal_event(kKiller, kVictim, 9));
    fake.end(fail("staprun died", "try again", "stap.staprun"));
  });
  REQUIRE_FALSE(scene.result.has_value());
  CHECK(scene.result.error().message == "staprun died");
  CHECK(scene.all("signal").size() == 1);
  auto diagnostic = scene.one("diagnostic");
  CHECK(diagnostic["level"] == "error");
  CHECK(diagnostic["id"] == "stap.staprun");
  CHECK(diagnostic["remedy"] == "try again");
  CHECK(scene.lines.back()["type"] == "summary");
}

TEST_CASE("session: a backend that cannot start is an error and no stream", "[session]") {
  Scene scene;
  scene.prepare = [](FakeBackend& fake) { fake.refuse = Error{"no stap", "install it", "stap.present"}; };
  scene.run([](FakeBackend&) {});
  REQUIRE_FALSE(scene.result.has_value());
  CHECK(scene.result.error().id == "stap.present");
  CHECK(scene.lines.empty());
}

TEST_CASE("session: a reader that has gone ends it, and that is no failure", "[session]") {
  Scene scene;
  scene.output = scene.root / "pipe";
  REQUIRE(::mkfifo(scene.output.c_str(), 0600) == 0);
  int reader = ::open(scene.output.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  scene.run([&](FakeBackend& fake) {
    ::close(reader);
    appear(fake);
    fake.report(kernel_signal(kVictim, 1));
  });
  CHECK(scene.result == 0);
  CHECK(scene.stops == 1);
}

TEST_CASE("session: a full disk ends it with an error that names the place", "[session]") {
  Scene scene;
  scene.output = "/dev/full";
  scene.run([](FakeBackend&) {});
  REQUIRE_FALSE(scene.result.has_value());
  CHECK(scene.result.error().message.english().find("/dev/full") != std::string::npos);
  CHECK(scene.result.error().message.english().find("No space left") != std::string::npos);
}

TEST_CASE("session: a slow reader pauses the backend and loses nothing", "[session]") {
  constexpr std::size_t kSignals = 4000;
  Scene scene;
  scene.output = scene.root / "pipe";
  REQUIRE(::mkfifo(scene.output.c_str(), 0600) == 0);
  int reader = ::open(scene.output.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  REQUIRE(reader >= 0);
  ::fcntl(reader, F_SETFL, 0);
  std::string text;
  std::atomic<std::size_t> lines = 0;
  std::thread reading;
  auto read_to_the_end = [&] {
    char buffer[65536];
    for (ssize_t got; (got = ::read(reader, buffer, sizeof buffer)) > 0;) {
      text.append(buffer, static_cast<std::size_t>(got));
      lines += static_cast<std::size_t>(std::count(buffer, buffer + got, '\n'));
    }
  };
  auto argv = std::string(2000, 'x');
  std::unique_ptr<boost::asio::steady_timer> timer;
  std::function<void(FakeBackend&)> step = [&](FakeBackend& fake) {
    timer->expires_after(1ms);
    timer->async_wait([&](boost::system::error_code error) {
      if (error) return;
      bool paused = !fake.pauses.empty() && fake.pauses.back();
      if (paused && !reading.joinable()) reading = std::thread(read_to_the_end);
      // Session, armed and all signals have been read: what waits at the end is not what this is about.
      lines >= kSignals + 2 ? fake.end({}) : step(fake);
    });
  };
  scene.run([&](FakeBackend& fake) {
    timer = std::make_unique<boost::asio::steady_timer>(fake.loop());
    fake.report(events::exec(kVictim, 1, "/x", argv));
    for (std::size_t i = 0; i < kSignals; ++i) fake.report(kernel_signal(kVictim, static_cast<int>(1 + i % 31)));
    step(fake);
  });
  bool was_paused = reading.joinable();
  if (was_paused) reading.join();
  ::close(reader);
  CHECK(scene.result == 0);
  CHECK(was_paused);
  CHECK_FALSE(scene.pauses.back());
  scene.read(text);
  CHECK(scene.all("signal").size() == kSignals);
  CHECK(scene.lines.back()["type"] == "summary");
}

TEST_CASE("session: a loss is as far from a death as the events around both", "[session]") {
  // Not the moments at which they are reported: judged again from a recording these are all the same.
  struct Row {
    std::int64_t before, after;  // seconds from the loss to the event before it and to the one after it
    std::int64_t death;
    std::string_view confidence;
  };
  const Row rows[] = {{0, 1, 3, "likely"},
                      {0, 1, 12, "certain"},
                      {0, 8, 12, "likely"},
                      {-100, 0, 1, "likely"},
                      {-100, 0, 11, "certain"}};
  for (const auto& row : rows) {
    INFO(row.before << ' ' << row.after << ' ' << row.death);
    Scene scene;
    scene.run([&](FakeBackend& fake) {
      constexpr std::int64_t second = 1'000'000'000;
      auto loss = boot_now();
      appear(fake);
      fake.report_at(loss + row.before * second, events::rename(kOther));
      fake.lose(3, "SystemTap's buffers");
      fake.report_at(loss + row.after * second, events::rename(kOther));
      fake.report_at(loss + row.death * second, signal_event(kKiller, kVictim, 9));
      fake.report_at(loss + row.death * second, events::exit(kVictim, 9));
      fake.end({});
    });
    CHECK(scene.one("death")["verdict"]["confidence"] == std::string(row.confidence));
  }
}
