// A session keeps the log of what its engine takes in, and a replay of that log gives the same records.
#include "session/recordings.h"
#include "session/scene.h"

TEST_CASE("session: a full disk ends a recording with an error, and the backend is taken down", "[session]") {
  bool interrupted = GENERATE(false, true);  // as when its probes were still being compiled
  Scene scene;
  auto recording = RecordingWriter::open(scene.loop, "/dev/full");
  REQUIRE(recording.has_value());
  (*recording)->begin("stap", {}, {1, 1});
  scene.options.recording = *recording;
  if (interrupted) scene.prepare = [](FakeBackend& fake) { fake.at_stop = fail("interrupted", {}, "interrupted"); };
  scene.run([](FakeBackend&) {});
  scene.options.recording.reset();  // it lives on the scene's loop
  CHECK(scene.stops == 1);
  REQUIRE_FALSE(scene.result.has_value());
  CHECK(scene.result.error().id == "output");
  CHECK(scene.result.error().message.english().find("/dev/full") != std::string::npos);
  CHECK(scene.result.error().remedy.english().find("--record-events") != std::string::npos);
}

TEST_CASE("session: a replay of its log gives the same records", "[session]") {
  Scene scene;
  auto path = (scene.root / "events").string();
  auto recording = RecordingWriter::open(scene.loop, path);
  REQUIRE(recording.has_value());
  scene.options.begun = Tick{boot_now(), wall_now() - boot_now()};
  (*recording)->begin("stap", {"a host", "6.1.0", "x86_64", "id", "core", 1 << 20}, *scene.options.begun);
  (*recording)->target("name", {"^skt-victim$"});
  scene.options.recording = *recording;
  scene.run([](FakeBackend& fake) {
    // Pids that a recording can hold (PID_MAX_LIMIT, include/linux/threads.h).
    const auto parent = task(4'100'001, 10, "skt-parent"), victim = task(4'100'100, 20, "skt-victim"),
               killer = task(4'100'200, 30, "skt-killer", 0);
    fake.report(events::fork(parent, victim));
    fake.report(signal_event(killer, victim, SIGTERM), returned(killer, 0));
    fake.report(kernel_signal(victim, SIGSEGV));
    fake.lose(3, "somewhere");
    fake.report(events::exit(victim, SIGSEGV));
    // Longer than a death waits: what leaves then leaves by a tick.
    auto timer = std::make_shared<boost::asio::steady_timer>(fake.loop(), 300ms);
    timer->async_wait([&fake, timer](boost::system::error_code) { fake.end({}); });
  });
  scene.options.recording.reset();
  REQUIRE(scene.result == 0);
  auto live = scene.all("death");
  REQUIRE(live.size() == 1);
  auto replayed = recordings::replay(recordings::split(read_file(path).value_or(""), '\n'));
  INFO(json(replayed).dump(1));
  REQUIRE(replayed.size() == scene.lines.size());
  // The head is of the machine, and of the moment when the recording began.
  for (std::size_t at = 1; at < replayed.size(); ++at) CHECK(replayed[at] == scene.lines[at]);
}
