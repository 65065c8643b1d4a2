#include "autopsy/inquest/nearby_kill.h"

#include "autopsy/inquest/death_words.h"
#include "autopsy/inquest/made_findings.h"
#include "catch.h"

using namespace stapkill;
using K = Finding::Kind;

namespace {

Finding java(Finding finding) {
  finding.subject.comm = "java";
  finding.quote = "words about java";  // the same words would be the same line
  return finding;
}

Finding unit_end(double seconds = 1) {
  return with_signal(in_unit(found(K::unit_process, seconds, 0), "tomcat.service"), SIGKILL);
}

FoundDeath of_unit(Evidence& evidence) {
  for (const auto& death : judged(evidence)) {
    if (!death.who.pid) return death;
  }
  FAIL("no death of the unit");
  return {};
}

}  // namespace

TEST_CASE("inquest: a unit that was killed when the out-of-memory killer chose one process", "[autopsy]") {
  auto evidence = evidence_of({java(oom_kill(OomReport::Scope::machine)), unit_end()});
  auto death = of_unit(evidence);
  CHECK(death.conclusion.rule == "nearby-kill");
  CHECK(death.conclusion.cause == Cause::oom_global);
  CHECK(death.conclusion.confidence == Confidence::likely);
  CHECK(death.conclusion.missing == "that java(500) was the process of this unit");
  // The finding that decides is in its time line.
  CHECK(time_line(death).size() == 2);
}

TEST_CASE("inquest: a unit that was killed when audit saw one such signal", "[autopsy]") {
  auto evidence = evidence_of({java(call_of_kill()), unit_end()});
  auto death = of_unit(evidence);
  CHECK(death.conclusion.cause == Cause::kill);
  CHECK(death.conclusion.confidence == Confidence::likely);
  CHECK(death.conclusion.killer.pid == 700);
}

TEST_CASE("inquest: nothing is said of several, of another place, or of another time", "[autopsy]") {
  auto two = evidence_of(
      {java(oom_kill(OomReport::Scope::machine)), java(oom_kill(OomReport::Scope::machine, 0.2, 501)), unit_end()});
  CHECK(of_unit(two).conclusion.rule == "unknown");
  auto placed = evidence_of({in_unit(java(oom_kill(OomReport::Scope::machine)), "other.service"), unit_end()});
  CHECK(of_unit(placed).conclusion.rule == "unknown");
  auto earlier = evidence_of({java(oom_kill(OomReport::Scope::machine)), unit_end(60)});
  CHECK(of_unit(earlier).conclusion.rule == "unknown");
  auto other_end = evidence_of({java(oom_kill(OomReport::Scope::machine)), with_signal(unit_end(), SIGTERM)});
  CHECK(of_unit(other_end).conclusion.rule == "unknown");
}

TEST_CASE("inquest: a unit that was killed when earlyoom sent one such signal", "[autopsy]") {
  auto sent = with_signal(java(found(K::userspace_oom)), SIGKILL);
  sent.actor.comm = "earlyoom";
  sent.actor.pid = 633;
  auto evidence = evidence_of({sent, unit_end()});
  auto death = of_unit(evidence);
  CHECK(death.conclusion.cause == Cause::kill);
  CHECK(death.conclusion.confidence == Confidence::likely);
  CHECK(death.conclusion.killer.pid == 633);
}
