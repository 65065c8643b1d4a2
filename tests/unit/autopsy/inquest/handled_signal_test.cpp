#include "autopsy/inquest/handled_signal.h"

#include "autopsy/inquest/death_words.h"
#include "autopsy/inquest/made_findings.h"
#include "catch.h"

using namespace stapkill;
using K = Finding::Kind;

namespace {

Evidence exited_after(int number, int status, double seconds = 1) {
  auto end = with_status(found(K::accounting, seconds), status);
  end.source = "accounting";
  return evidence_of({with_signal(call_of_kill(), number), end});
}

}  // namespace

TEST_CASE("inquest: an exit after a signal that asks for it has its sender as initiator", "[autopsy]") {
  auto evidence = exited_after(SIGTERM, 0);
  auto deaths = judged(evidence);
  REQUIRE(deaths.size() == 1);
  const auto& made = deaths[0].conclusion;
  CHECK(made.rule == "asked-to-exit");
  CHECK(made.cause == Cause::exit);
  CHECK(made.confidence == Confidence::likely);
  CHECK(made.initiator.pid == 700);
  CHECK(made.killer.pid == 0);
  CHECK(summary_of(deaths[0]) ==
        "nginx(500) was asked to end by SIGTERM from kill(700) (kill(2)), and then exited with status 0.");
}

TEST_CASE("inquest: a signal after the exit, or one that asks for no stop, made it not", "[autopsy]") {
  for (auto evidence : {exited_after(SIGTERM, 1, -0.5), exited_after(SIGUSR1, 1), exited_after(SIGWINCH, 1)}) {
    auto deaths = judged(evidence);
    REQUIRE(deaths.size() == 1);
    CHECK(deaths[0].conclusion.rule == "exit");
    CHECK(deaths[0].conclusion.initiator.pid == 0);
  }
  auto failed = exited_after(SIGTERM, 1);
  failed.findings[0].failed = true;
  CHECK(judged(failed).at(0).conclusion.rule == "exit");
}

TEST_CASE("inquest: a clean exit is a death only where a signal was sent to it", "[autopsy]") {
  auto asked = exited_after(SIGTERM, 0);
  CHECK(judged(asked).size() == 1);
  auto end = with_status(found(K::accounting), 0);
  auto alone = evidence_of({end});
  CHECK(judged(alone).empty());
}
