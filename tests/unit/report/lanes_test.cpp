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

TEST_CASE("lanes: one for each host's process, and those of one host together", "[report]") {
  auto db = std::make_shared<NamedHost>(NamedHost{"db1", "db1"}),
       web = std::make_shared<NamedHost>(NamedHost{"web1", "web1"});
  Digest digest;
  for (int at = 0; at < 2; ++at) {
    for (const HostPtr& host : {HostPtr(db), HostPtr(web)}) {
      auto death = hostile::death("a", 1, 300 + at);
      death.verdict = {};
      auto process = std::make_shared<Process>(*death.process);
      process->host = host;
      death.process = process;
      digest.take(death, {host, 1});
    }
  }
  Lanes lanes(digest, digest.incidents());
  REQUIRE(lanes.all().size() == 4);
  CHECK(lanes.of_host(db) == std::pair(0, 2));
  CHECK(lanes.of_host(web) == std::pair(2, 4));
  CHECK(lanes.of_host(nullptr) == std::pair(4, 4));
  for (int at = 0; at < 4; ++at) CHECK(lanes.of(*lanes.all()[static_cast<std::size_t>(at)].process) == at);
}

TEST_CASE("lanes: waits are between steps, a handler's is part of one, short ones are none", "[report]") {
  auto death = hostile::death("a");
  auto& chain = death.verdict.chain;
  auto step = [&](ChainStep::What what, int number, Time before) {
    chain.push_back({what, death.verdict.killer, {}, number, "", death.time - before, Confidence::certain});
  };
  chain.clear();
  step(ChainStep::What::request, 0, 30'000'000'000);
  step(ChainStep::What::relay, SIGTERM, 20'000'000'000);
  step(ChainStep::What::handler, SIGTERM, 19'000'000'000);
  step(ChainStep::What::signal, SIGKILL, 900'000);
  step(ChainStep::What::exit, SIGKILL, 800'000);
  chain.back().time = 0;  // not known
  Digest digest;
  digest.take(death);
  auto waits = Lanes(digest, digest.incidents()).waits();
  REQUIRE(waits.size() == 2);
  CHECK(waits[0].lane == 1);
  CHECK(waits[0].to - waits[0].from == 10'000'000'000);
  CHECK(words::wait(*waits[0].step, 10'000'000'000) == "waited 10.0 s after it was asked to end");
  CHECK(waits[1].to - waits[1].from == 20'000'000'000 - 900'000);
  CHECK(words::wait(*waits[1].step, 1'000'000'000) == "waited 1.0 s after SIGTERM");
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
