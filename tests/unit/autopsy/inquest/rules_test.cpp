#include "autopsy/inquest/rules.h"

#include "autopsy/inquest/death_words.h"
#include "autopsy/inquest/made_findings.h"
#include "autopsy/inquest/party_words.h"
#include "catch.h"

using namespace stapkill;
using K = Finding::Kind;

TEST_CASE("inquest: 137 alone is unknown") {
  auto end = with_status(in_container(found(K::container_end, 0, 0), 'a'), 137);
  auto alone = of({end});
  CHECK(alone.verdict().cause == Cause::unknown);
  CHECK(has(summary_of(alone.deaths[0]), "ended with status 137 (SIGKILL, or the program's own status)"));
}

TEST_CASE("inquest: sources that differ leave nothing certain") {
  auto both = of({oom_kill(), with_status(found(K::accounting, 0.1), 3)});
  CHECK(both.verdict().confidence != Confidence::certain);
  REQUIRE_FALSE(both.deaths[0].contradictions.empty());
  auto also = of({oom_kill(), call_of_kill(-0.1)});
  CHECK(also.verdict().confidence == Confidence::likely);
}

TEST_CASE("inquest: a signal that a source names is not inferred") {
  auto end = with_status(in_container(found(K::container_end, -0.01), 'a'), 137);
  auto killed = of({end, oom_kill()});
  CHECK(killed.deaths[0].signal == SIGKILL);
  CHECK_FALSE(killed.deaths[0].signal_inferred);
  CHECK_FALSE(killed.deaths[0].status);
}

TEST_CASE("inquest: an exit by itself is certain, and SIGKILL alone is unknown") {
  CHECK(of({with_status(found(K::accounting), 3)}).verdict().cause == Cause::exit);
  auto killed = of({ended_by(SIGKILL)});
  CHECK(killed.verdict().cause == Cause::unknown);
  CHECK(killed.verdict().confidence == Confidence::unknown);
  CHECK(has(killed.verdict().missing, "audit"));
}

TEST_CASE("inquest: the last rule always concludes") {
  Evidence empty;
  CHECK(inquest_rules().back().conclude(FoundDeath{}, empty));
}

TEST_CASE("inquest: one line of a text that any user can write is never certain") {
  auto line = oom_kill(OomReport::Scope::machine);
  line.forgeable = true;
  auto alone = of({line});
  CHECK(alone.verdict().confidence == Confidence::likely);
  CHECK(has(alone.verdict().missing, "the kernel wrote this line"));
  CHECK(has(meaning_of(line)[0], "says that"));
  line.oom->asking = "nginx";  // a whole report
  CHECK(of({line}).verdict().confidence == Confidence::certain);
  line.oom->asking.clear();
  CHECK(of({line, ended_by(SIGKILL)}).verdict().confidence == Confidence::certain);
  CHECK(of({line, ended_by(SIGSEGV)}).verdict().confidence != Confidence::certain);
}

TEST_CASE("inquest: a line in the kernel's name that the kernel's own log lacks does not count") {
  auto line = oom_kill(OomReport::Scope::machine);
  line.forgeable = true;
  auto evidence = evidence_of({line});
  evidence.kernels = {{kNoon - 3600 * kSecond, kNoon - 60 * kSecond}};
  leave_out_forged(evidence);
  CHECK(evidence.findings.empty());
  REQUIRE(evidence.notes.size() == 1);
  CHECK(has(evidence.notes[0].detail, "a user wrote it"));
  std::pair<Time, Time> later{kNoon + kSecond, kNoon + 60 * kSecond};
  std::pair<Time, Time> old{kNoon - 200'000 * kSecond, kNoon - 100'000 * kSecond};
  for (auto kernels : {later, old}) {
    evidence = evidence_of({line});
    evidence.kernels = {kernels};
    leave_out_forged(evidence);
    CHECK(evidence.findings.size() == 1);  // it covers another time
  }
}

TEST_CASE("inquest: the same line in the kernel's own log counts") {
  auto text = oom_kill(), own = oom_kill();
  text.forgeable = true;
  text.place = "/var/log/syslog:7";
  own.place = "/var/log/kern.log:3";
  CHECK(of({text, own}).verdict().confidence == Confidence::certain);
}

TEST_CASE("inquest: an exit status of 128+N is not said to be of itself", "[autopsy]") {
  auto plain = of({with_status(found(K::unit_process), 1)});
  CHECK(plain.verdict().confidence == Confidence::certain);
  CHECK(has(summary_of(plain.deaths[0]), "exited with status 1 by itself"));
  auto handled = of({with_status(found(K::unit_process), 143)});
  CHECK(handled.verdict().cause == Cause::exit);
  CHECK(handled.verdict().confidence == Confidence::likely);
  CHECK(has(summary_of(handled.deaths[0]), "exited with status 143 (128 + SIGTERM: "));
  CHECK_FALSE(has(summary_of(handled.deaths[0]), "by itself"));
}

TEST_CASE("inquest: an unknown SIGKILL beside a kernel's log without a report", "[autopsy]") {
  auto words = "the kernel's log of that time has no out-of-memory report";
  Judged read(with_kernel_log({ended_by(SIGKILL)}));
  CHECK(has(read.verdict().sentence, words));
  CHECK_FALSE(has(of({ended_by(SIGKILL)}).verdict().sentence, words));
  Judged other(with_kernel_log({ended_by(SIGTERM)}));
  CHECK_FALSE(has(other.verdict().sentence, words));
  auto evidence = with_kernel_log({ended_by(SIGKILL), oom_kill(OomReport::Scope::machine, 5, 501)});
  for (const auto& death : judged(evidence)) CHECK_FALSE(has(death.conclusion.sentence, words));
}
