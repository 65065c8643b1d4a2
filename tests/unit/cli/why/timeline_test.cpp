#include "cli/why/timeline.h"

#include "catch.h"
#include "store/made_history.h"

using namespace stapkill;

namespace {

std::vector<std::string> texts_of(const std::vector<Moment>& moments) {
  std::vector<std::string> texts;
  for (const auto& one : moments) texts.push_back(one.text);
  return texts;
}

RecordedStep step(std::string what, Time time, std::string signal = "", std::string through = "") {
  return {time, std::move(what), std::move(signal), std::move(through), {9, "kill", "s"}, false};
}

}  // namespace

TEST_CASE("why timeline: in order of time", "[why_timeline]") {
  auto death = made_death(7, "web");
  RecordedDeath record;
  record.parent = {1, "systemd", "s"};
  record.chain = {step("request", kNow - 2 * kSecond, "", "docker.sock"), step("signal", 0, "SIGKILL", "kill(2)")};
  auto before = made_death(8, "worker", kNow - kSecond), after = made_death(9, "helper", kNow + kSecond);
  CHECK(texts_of(timeline(death, record, {after, before})) ==
        std::vector<std::string>{"started by systemd(1); it lived for 1 min 40 s",
                                 "kill(9) asked for it through docker.sock", "also: worker was killed.",
                                 "kill(9) sent SIGKILL through kill(2)", "ended by SIGKILL",
                                 "also: helper was killed."});
}

TEST_CASE("why timeline: a step after the death is not shown after it", "[why_timeline]") {
  auto death = made_death(7, "web");
  death.signal = 0;
  RecordedDeath record;
  record.status = 3;
  record.chain = {step("exit", kNow + kSecond)};
  auto moments = timeline(death, record, {});
  CHECK(texts_of(moments) ==
        std::vector<std::string>{"started; it lived for 1 min 40 s", "kill(9) ended", "exited with status 3"});
  CHECK(moments[1].time == kNow);
}

TEST_CASE("why timeline: a start that is not known, or that a clock put after the end", "[why_timeline]") {
  auto death = made_death(7, "web");
  death.start = 0;
  CHECK(texts_of(timeline(death, {}, {})) == std::vector<std::string>{"ended by SIGKILL"});
  death.start = death.time + kSecond;
  CHECK(texts_of(timeline(death, {}, {})) ==
        std::vector<std::string>{"started; it lived for 0 ms", "ended by SIGKILL"});
}

TEST_CASE("why timeline: a step in words", "[why_timeline]") {
  CHECK(step_text(step("relay", 0, "SIGTERM")) == "kill(9) passed on SIGTERM");
  CHECK(step_text(step("handler", 0, "SIGTERM")) == "kill(9) handled SIGTERM");
  CHECK(step_text(step("new", 0)) == "kill(9) new");
  auto limit = step("limit", 0, "", "memory.max");
  limit.process = {};
  limit.likely = true;
  CHECK(step_text(limit) == "a limit was reached through memory.max (likely)");
}
