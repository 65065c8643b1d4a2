#include "session/history_renderer.h"

#include <algorithm>

#include "catch.h"
#include "store/history_reader.h"
#include "temporary.h"

using namespace stapkill;

namespace {

constexpr Time kSecond = 1'000'000'000;
constexpr Time kNow = 1'700'000'000 * kSecond;
using Why = BlindInterval::Why;

/// A recorder's sink over a directory; each run is a recorder of its own.
struct Recorder {
  Temporary folder;
  std::string place = (folder / "store").string();
  std::vector<std::string> errors;
  std::vector<StoredDeath> stored;
  std::unique_ptr<Renderer> renderer;
  std::string out;

  void start(Time now, const std::string& boot = "this-boot") {
    auto history = History::open(place, {}, now);
    REQUIRE(history.has_value());
    auto redaction = Redaction::make({}, true);
    REQUIRE(redaction.has_value());
    renderer = make_history_renderer(
        std::move(*history), std::move(*redaction), {}, [this](const Error& error) { errors.push_back(error.message); },
        [this](const StoredDeath& death, const DeathRecord&) { stored.push_back(death); });
    SessionRecord session;
    session.boot_id = boot;
    take(session);
    ArmedRecord armed;
    armed.time = now;
    take(armed);
  }
  void take(Record record) { renderer->render(record, out); }
  void stop(Time now) {
    SummaryRecord summary;
    summary.time = now;
    take(summary);
    renderer.reset();
  }
  void crash() { renderer.reset(); }

  std::vector<Why> blind() const {
    auto reader = HistoryReader::open(place);
    REQUIRE(reader.has_value());
    std::vector<Why> reasons;
    for (const auto& one : reader->blind(0, kNow + 1000 * kSecond)) reasons.push_back(one.why);
    return reasons;
  }
  std::vector<int> pids() const {
    auto reader = HistoryReader::open(place);
    REQUIRE(reader.has_value());
    DeathQuery all;
    all.most = 100;
    std::vector<int> found;
    for (const auto& one : reader->find(all)) found.push_back(one.pid);
    return found;
  }
};

ProcessPtr process(int pid, std::string cgroup, Time started) {
  auto made = std::make_shared<Process>();
  made->pid = pid;
  made->comm = "web";
  made->cgroup = std::move(cgroup);
  made->started = started;
  return made;
}

DeathRecord end(int pid, int wait_status, Time lived, const ProcessPtr& parent, const std::string& cgroup = "/a") {
  DeathRecord record;
  record.time = kNow + pid;
  record.process = process(pid, cgroup, record.time - lived);
  record.parent = parent;
  record.wait_status = wait_status;
  return record;
}

const ProcessPtr kShell = process(5, "/a", kNow);

}  // namespace

TEST_CASE("history renderer: the next recorder says why nobody watched", "[history_renderer]") {
  Recorder recorder;
  recorder.start(kNow);
  recorder.stop(kNow + 10 * kSecond);
  CHECK(recorder.blind().empty());
  recorder.start(kNow + 20 * kSecond);
  CHECK(recorder.blind() == std::vector<Why>{Why::not_armed});
  recorder.crash();
  recorder.start(kNow + 30 * kSecond);
  CHECK(recorder.blind() == std::vector<Why>{Why::not_armed, Why::crashed});
  recorder.stop(kNow + 40 * kSecond);
  recorder.start(kNow + 50 * kSecond, "another-boot");
  CHECK(recorder.blind() == std::vector<Why>{Why::not_armed, Why::crashed, Why::booted});
  CHECK(recorder.out.empty());
}

TEST_CASE("history renderer: each death has its tier", "[history_renderer]") {
  Recorder recorder;
  recorder.start(kNow);
  recorder.take(end(1001, 9, kSecond, kShell));
  recorder.take(end(1002, 3 << 8, kSecond, kShell));
  recorder.take(end(1003, 0, 61 * kSecond, kShell));                                // a long life
  recorder.take(end(1004, 0, kSecond, process(1, "/", kNow)));                      // of pid 1
  recorder.take(end(1005, 0, kSecond, kShell));                                     // a helper
  recorder.take(end(1006, 0, kSecond, kShell, "/docker/" + std::string(64, 'a')));  // entered a container
  auto asked = end(1007, 0, kSecond, kShell);
  asked.verdict.chain.emplace_back();
  recorder.take(asked);
  std::vector<Tier> tiers;
  for (const auto& one : recorder.stored) tiers.push_back(one.tier);
  CHECK(tiers == std::vector<Tier>{Tier::deaths, Tier::deaths, Tier::ends, Tier::ends, Tier::ends, Tier::deaths});
  recorder.stop(kNow + 10 * kSecond);
  CHECK(recorder.pids() == std::vector<int>{1007, 1006, 1005, 1004, 1003, 1002, 1001});
}

TEST_CASE("history renderer: it commits a second after a death, and is called again for that", "[history_renderer]") {
  Recorder recorder;
  recorder.start(kNow);
  CHECK(recorder.renderer->catch_up(kNow + 1, recorder.out) > kSecond);  // nothing to do
  recorder.take(end(1001, 9, kSecond, kShell));
  auto again = recorder.renderer->catch_up(kNow + 2, recorder.out);
  CHECK(again > 0);
  CHECK(again <= kSecond);
  CHECK(recorder.pids().empty());
  recorder.renderer->catch_up(kNow + kSecond, recorder.out);
  CHECK(recorder.pids() == std::vector<int>{1001});
  CHECK(recorder.errors.empty());
}
