#include "report/lanes.h"

#include "report/hostile.h"
#include "report/words.h"

using namespace stapkill;

TEST_CASE("lanes: from the one who began it to the one who ended, and no more than fit", "[report]") {
  Digest digest;
  for (int at = 0; at < 60; ++at) {
    auto death = hostile::death("a", 1, 300 + at);
    death.time += at * 20'000'000LL;
    digest.take(death);
  }
  auto incidents = digest.incidents();
  Lanes lanes(digest, incidents);
  REQUIRE(lanes.all().size() == Lanes::kMost);
  CHECK(lanes.all()[0].process->pid == 200);
  CHECK(lanes.all()[1].process->pid == 300);
  CHECK(lanes.left_out() == 60 - (Lanes::kMost - 1));
  CHECK(lanes.of(*lanes.all()[1].process) == 1);
  CHECK(lanes.of(*hostile::process(999, "a")) == -1);
  CHECK(lanes.begin() < hostile::kTime);
  CHECK(lanes.place(lanes.begin()) == 0);
  CHECK(lanes.place(lanes.end()) == 100);
  CHECK(lanes.place(0) == 0);
}

TEST_CASE("lanes: one moment has some width", "[report]") {
  Digest digest;
  auto death = hostile::death("a");
  death.verdict.chain.clear();
  digest.take(death);
  Lanes lanes(digest, digest.incidents());
  CHECK(lanes.end() > lanes.begin());
  CHECK(lanes.place(death.time) == Approx(50).margin(1));
}

TEST_CASE("words: texts are cut between characters", "[report]") {
  CHECK(words::shortened("abc", 3) == "abc");
  CHECK(words::shortened("abcd", 3) == "ab…");
  CHECK(words::shortened("\xe8\xbf\x9b\xe7\xa8\x8b\xe8\xbf\x9b", 2) == "\xe8\xbf\x9b…");
  CHECK(words::shortened("a\nb", 9) == "a\\nb");
  CHECK(words::shortened(std::string(100, 'x'), 5) == "xxxx…");
  CHECK(words::shortened(std::string(100, '\x01'), 5) == "\\x01…");
}

TEST_CASE("words: times and spans", "[report]") {
  CHECK(words::date(hostile::kTime) == "2026-11-27 02:34:19.000");
  CHECK(words::clock(hostile::kTime) == "02:34:19.000");
  CHECK(words::span(40'000) == "0.04 ms");
  CHECK(words::span(1'500'000) == "1.5 ms");
  CHECK(words::span(15'000'000) == "15 ms");
  CHECK(words::span(1'500'000'000) == "1.5 s");
}

TEST_CASE("words: what a step did", "[report]") {
  ChainStep step;
  step.process = hostile::process(7, "sh");
  step.number = SIGTERM;
  step.through = "kill(2)";
  CHECK(words::who(step) == "sh(7)");
  CHECK(words::deed(step) == "sent SIGTERM through kill(2)");
  step.what = ChainStep::What::relay;
  CHECK(words::deed(step) == "passed SIGTERM on through kill(2)");
  step.what = ChainStep::What::exit;
  step.through = "pid namespace";
  CHECK(words::deed(step) == "ended, which sends SIGTERM (pid namespace)");
  step.process = nullptr;
  step.what = ChainStep::What::limit;
  step.through = "memory cgroup";
  CHECK(words::who(step) == "memory cgroup");
  CHECK(words::deed(step) == "reached its limit: SIGTERM");
}
