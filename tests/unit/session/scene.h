#pragma once

// What the tests of the session share: tasks and events, and one session with its fake.
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "catch.h"
#include "events.h"
#include "host/procfs.h"
#include "session/fake_backend.h"
#include "session/live_machine.h"
#include "session/recorded_machine.h"
#include "session/session.h"
#include "temporary.h"

using namespace stapkill;
using events::task;
using nlohmann::json;
using namespace std::chrono_literals;

// Beyond what Linux gives out: no process of the machine has them.
constexpr int kVictimPid = 5'000'100;
const auto kInit = task(1, 1, "init", 0);
const auto kParent = task(5'000'001, 10, "skt-parent");
const auto kVictim = task(kVictimPid, 20, "skt-victim");
const auto kKiller = task(5'000'200, 30, "skt-killer", 0);
const auto kOther = task(5'000'300, 40, "skt-other", 4242);

inline KernelEvent signal_event(kernel::Task sender, kernel::Task target, int number, int call = SYS_kill,
                                int code = 0) {
  static const ProcessKey init[] = {{1, 1}};
  kernel::Signal signal{.task = sender, .target = target, .number = number, .code = code, .call = call};
  signal.own_context = true;
  signal.ancestors = init;
  return events::event(signal);
}

/// A signal of the kernel's own: it waits for no system call.
inline KernelEvent kernel_signal(kernel::Task target, int number) {
  auto event = signal_event(task(0, 0, "swapper/0", 0), target, number, -1, 0x80);
  std::get<kernel::Signal>(event.what).own_context = false;
  return event;
}

inline KernelEvent returned(kernel::Task sender, std::int64_t value) {
  return events::event(kernel::Return{sender.pid, sender.tid, 0, value});
}

/// jsonl, and a test looks at each record as it is written.
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
  Node node;           ///< whose kubelet's directories are looked at
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
    auto machine = live_machine(node);
    if (options.recording) machine = log_machine(std::move(machine), options.recording);
    Session session(loop, std::move(backend), std::move(*made), options, std::move(sinks), std::move(machine));
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
inline void appear(FakeBackend& fake) {
  fake.report(events::fork(kParent, kVictim));
}
