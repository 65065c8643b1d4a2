#include "autopsy/inquest/evidence.h"

#include "autopsy/inquest/made_findings.h"
#include "catch.h"

using namespace stapkill;
using K = Finding::Kind;

TEST_CASE("evidence: one thing in two logs is one finding, with the better time and both places") {
  auto exact = oom_kill(OomReport::Scope::memcg, 0.25);
  auto rough = oom_kill();
  rough.doubt = kSecond;
  rough.place = "/var/log/messages:12";
  auto evidence = evidence_of({rough, exact});
  bring_together(evidence);
  REQUIRE(evidence.findings.size() == 1);
  CHECK(evidence.findings[0].doubt == 0);
  CHECK(evidence.findings[0].place == "/var/log/messages:12, journal");
}

TEST_CASE("evidence: what happened twice stays twice") {
  auto again = oom_kill(OomReport::Scope::memcg, 60);
  again.place = "/var/log/messages:99";
  auto other = oom_kill(OomReport::Scope::memcg, 0, 501);
  other.place = "/var/log/messages:100";
  auto evidence = evidence_of({oom_kill(), again, other});
  bring_together(evidence);
  CHECK(evidence.findings.size() == 3);
}

TEST_CASE("evidence: lines without a pid are the same only with the same words") {
  auto one = in_unit(found(K::unit_result, 0, 0), "a.service"), two = one;
  two.place = "/var/log/syslog:5";
  two.quote = "other words";
  auto evidence = evidence_of({one, two});
  bring_together(evidence);
  CHECK(evidence.findings.size() == 2);
}

TEST_CASE("evidence: a container's name and pod are given to findings with its id alone") {
  auto oom = in_container(oom_kill(), 'a');
  auto state = in_container(found(K::claim, 0, 0), 'a');
  state.subject.container_name = "web";
  state.subject.pod = "shop/web-0";
  auto evidence = evidence_of({oom, state});
  bring_together(evidence);
  CHECK(evidence.findings[0].subject.pod == "shop/web-0");
  CHECK(evidence.findings[0].subject.container_name == "web");
}

TEST_CASE("evidence: the kernel's log counts only for the time that it covers") {
  auto evidence = with_kernel_log({});
  CHECK(has_kernel_log(evidence, kNoon));
  CHECK_FALSE(has_kernel_log(evidence, kNoon + 7200 * kSecond));
  evidence.notes[0].state = SourceNote::State::not_permitted;
  CHECK_FALSE(has_kernel_log(evidence, kNoon));
}
