#include "session/session.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/steady_timer.hpp>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "catch.h"
#include "events.h"
#include "host/procfs.h"
#include "session/fake_backend.h"
#include "temporary.h"

using namespace stapkill;
using events::task;
using nlohmann::json;
using namespace std::chrono_literals;

namespace {

// Beyond what Linux gives out: no process of the machine has them.
constexpr int kVictimPid = 5'000'100;
const auto kInit = task(1, 1, "init", 0);
const auto kParent = task(5'000'001, 10, "skt-parent");
const auto kVictim = task(kVictimPid, 20, "skt-victim");
const auto kKiller = task(5'000'200, 30, "skt-killer", 0);
const auto kOther = task(5'000'300, 40, "skt-other", 4242);

Event signal_event(Event::Task sender, Event::Task target, int number, int call = SYS_kill, int code = 0) {
  Event event;
  event.kind = Event::Kind::signal;
  event.task = sender;
  event.other = target;
  event.signal = number;
  event.code = code;
  event.call = call;
  event.own_context = true;
  event.ancestors = "1.1";
  return event;
}

/// A signal of the kernel's own: it waits for no system call.
Event kernel_signal(Event::Task target, int number) {
  auto event = signal_event(task(0, 0, "swapper/0", 0), target, number, -1, 0x80);
  event.own_context = false;
  return event;
}

Event returned(Event::Task sender, std::int64_t value) {
  Event event;
  event.kind = Event::Kind::returned;
  event.task.pid = sender.pid;
  event.task.tid = sender.tid;
  event.call = 0;
  event.value = value;
  return event;
}

/// jsonl, and a test looks at each record as it is told.
struct Observed : Renderer {
  std::unique_ptr<Renderer> inner = make_jsonl_renderer();
  std::function<void(const Record&)> look;
  void render(const Record& record, std::string& out) override {
    if (look) look(record);
    inner->render(record, out);
  }
};

/// One session with its fake, from start to summary.
struct Scene {
  TargetOptions targets;
  SessionOptions options;
  std::string output;  ///< instead of a file of its own
  std::function<void(FakeBackend&)> prepare = [](FakeBackend&) {};
  std::function<void(const Record&)> on_record;

  boost::asio::io_context loop;
  Temporary root;
  Result<int> result = 0;
  std::vector<json> lines;
  std::vector<DiagnosticRecord> diagnostics;
  Watching watching;
  std::vector<int> watched;
  std::vector<bool> pauses;
  int stops = 0;
  bool started = false;

  Scene() {
    ::signal(SIGPIPE, SIG_IGN);  // as main does
    targets.names = {"^skt-victim$"};
  }

  void run(FakeBackend::Script script) {
    auto made = Targets::make(targets);
    REQUIRE(made.has_value());
    auto backend = std::make_unique<FakeBackend>(loop, std::move(script));
    FakeBackend& fake = *backend;
    prepare(fake);
    auto path = output.empty() ? (root / "out").string() : output;
    auto sink = std::make_unique<Sink>();
    auto observed = std::make_unique<Observed>();
    observed->look = on_record;
    sink->renderer = std::move(observed);
    sink->machine = true;
    auto opened = Output::file(loop, path);
    REQUIRE(opened.has_value());
    sink->output = std::move(*opened);
    std::vector<std::unique_ptr<Sink>> sinks;
    sinks.push_back(std::move(sink));
    options.on_diagnostic = [this](const DiagnosticRecord& record) { diagnostics.push_back(record); };
    boost::asio::steady_timer watchdog(loop, 60s);
    watchdog.async_wait([&](boost::system::error_code error) {
      if (!error) fake.end(fail("the session did not end by itself", {}, "hangs"));
    });
    Session session(loop, std::move(backend), std::move(*made), options, std::move(sinks));
    result = session.run();
    watching = fake.watching;
    watched = fake.watched;
    pauses = fake.pauses;
    stops = fake.stops;
    started = fake.started;
    if (output.empty()) read(read_file(path).value_or(""));
  }

  void read(const std::string& text) {
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) lines.push_back(json::parse(line));
  }

  std::vector<json> all(std::string_view type) const {
    std::vector<json> found;
    for (const auto& line : lines) {
      if (line["type"] == type) found.push_back(line);
    }
    return found;
  }
  json one(std::string_view type) const {
    auto found = all(type);
    INFO(type << ' ' << json(lines).dump(1));
    REQUIRE(found.size() == 1);
    return found.front();
  }
};

/// The victim appears; it is watched by its name.
void appear(FakeBackend& fake) {
  fake.report(events::fork(kParent, kVictim));
}

}  // namespace

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
  CHECK(signal["syscall"] == json({{"name", "kill"}, {"ret", -3}}));
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

TEST_CASE("session: what waits when all ends is told", "[session]") {
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
    interrupt.own_context = false;
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

TEST_CASE("session: signals of what is not watched are not told", "[session]") {
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
    // The first waits for its return; those behind it wait with it.
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

TEST_CASE("session: a death is told once, also with two exit events", "[session]") {
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

TEST_CASE("session: what comes behind a death does not make the process a target again", "[session]") {
  // A dying session leader gets a late SIGHUP from itself, and a zombie can be signalled (FACTS 3.14).
  Scene scene;
  scene.run([](FakeBackend& fake) {
    appear(fake);
    auto late = kernel_signal(kVictim, 1);
    late.result = 1;
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

TEST_CASE("session: what passes the filters is told, and only that is counted", "[session]") {
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
  CHECK(scene.watching.pids == std::vector<int>{kVictimPid});
  CHECK(scene.lines[0]["targets"]["pid"] == json({std::to_string(kVictimPid)}));
  CHECK(scene.one("death")["verdict"]["killer"]["pid"] == kKiller.pid);
}

TEST_CASE("session: a pid that does not exist is an error without --wait", "[session]") {
  Scene scene;
  scene.targets = {.pids = {kVictimPid}};
  scene.run([](FakeBackend&) {});
  REQUIRE_FALSE(scene.result.has_value());
  CHECK(scene.result.error().id == "target.missing");
  CHECK(scene.result.error().message.find(std::to_string(kVictimPid)) != std::string::npos);
  CHECK_FALSE(scene.result.error().remedy.empty());
  CHECK_FALSE(scene.started);
  CHECK(scene.lines.empty());
}

TEST_CASE("session: a pid that is given out again is another process", "[session]") {
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
  CHECK(scene.watching.pids == std::vector<int>{::getpid()});
  CHECK_FALSE(scene.watching.children);
  auto signal = scene.one("signal");
  CHECK(signal["signal"]["number"] == 2);
  // What /proc tells is known from the start.
  CHECK(signal["target"]["exe"] == std::filesystem::read_symlink("/proc/self/exe").string());
  CHECK(signal["target"]["argv"].is_array());
}

TEST_CASE("session: a target that ends as soon as it is told to be watched has its parents", "[session]") {
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
  // Whoever waits for "armed" may end it at once, before anything more can be read of it.
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

TEST_CASE("session: losses are told, summed up, and make verdicts less certain", "[session]") {
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

TEST_CASE("session: --trace-exec tells of every process", "[session]") {
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

TEST_CASE("session: without --trace-exec nothing of that is told", "[session]") {
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
  CHECK(scene.result.error().message.find("/dev/full") != std::string::npos);
  CHECK(scene.result.error().message.find("No space left") != std::string::npos);
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

TEST_CASE("session: a command that ends at once is told all the same", "[session]") {
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  Scene scene;
  scene.targets = {.command = {"true"}};
  scene.prepare = [&](FakeBackend& fake) {
    fake.in_child = [fd = ends[1]] {
      pid_t self = ::getpid();
      if (::write(fd, &self, sizeof self) < 0) ::_exit(1);
    };
  };
  pid_t pid = 0;
  scene.run([&](FakeBackend& fake) {
    REQUIRE(::read(ends[0], &pid, sizeof pid) == sizeof pid);
    // /proc may know nothing of it any more; the backend's records are all that there is then.
    auto entry = read_process(pid);
    auto command = task(pid, entry ? entry->process.start : 777, "true");
    fake.report(events::fork(kParent, command), events::exit(command, 0));
  });
  ::close(ends[0]);
  ::close(ends[1]);
  CHECK(scene.result == 0);
  CHECK(scene.one("death")["process"]["pid"] == pid);
}

TEST_CASE("session: a command that cannot be started is an error", "[session]") {
  Scene scene;
  scene.targets = {.command = {"no-such-program-stapkill"}};
  scene.run([](FakeBackend&) {});
  REQUIRE_FALSE(scene.result.has_value());
  CHECK(scene.result.error().message.find("no-such-program-stapkill") != std::string::npos);
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
