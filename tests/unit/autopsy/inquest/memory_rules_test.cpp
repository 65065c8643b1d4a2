#include "autopsy/inquest/memory_rules.h"

#include "autopsy/inquest/death_words.h"
#include "autopsy/inquest/made_findings.h"
#include "autopsy/inquest/party_words.h"
#include "catch.h"

using namespace stapkill;
using K = Finding::Kind;

TEST_CASE("inquest: the kernel's report of its out-of-memory killer is certain") {
  auto memcg = of({oom_kill()});
  CHECK(memcg.verdict().cause == Cause::oom_memcg);
  CHECK(memcg.verdict().confidence == Confidence::certain);
  CHECK(has(summary_of(memcg.deaths[0]),
            "nginx(500) was killed by SIGKILL from the kernel's out-of-memory killer: memory cgroup "
            "/system.slice/nginx.service was at its limit of 64.0 MiB"));
  CHECK(of({oom_kill(OomReport::Scope::machine)}).verdict().cause == Cause::oom_global);
  auto torn = of({oom_kill(OomReport::Scope::unknown)});
  CHECK(torn.verdict().confidence == Confidence::likely);
}

TEST_CASE("inquest: SysRq f starts the out-of-memory killer") {
  auto asked = found(K::sysrq, -0.5, 0);
  asked.reason = "Manual OOM execution";
  CHECK(of({asked, oom_kill(OomReport::Scope::machine)}).verdict().cause == Cause::sysrq);
}

TEST_CASE("inquest: OOMKilled without a report in the kernel's log is a contradiction, not a verdict") {
  auto end = with_status(in_container(found(K::container_end, 0, 0), 'a'), 137);
  auto claim = in_container(found(K::claim, 0, 0), 'a');
  claim.reason = "OOMKilled";
  Judged against(with_kernel_log({end, claim}));
  CHECK(against.verdict().cause == Cause::unknown);
  REQUIRE(against.deaths[0].contradictions.size() == 1);
  CHECK(has(against.deaths[0].contradictions[0], "no out-of-memory report"));
  auto alone = of({end, claim});
  CHECK(alone.verdict().cause == Cause::oom_memcg);
  CHECK(alone.verdict().confidence == Confidence::likely);
}

TEST_CASE("inquest: another process of the container was out of memory") {
  auto end = with_status(in_container(found(K::container_end, 5, 0), 'a'), 1);
  auto claim = in_container(found(K::claim, 5, 0), 'a');
  claim.reason = "OOMKilled";
  auto worker = in_container(oom_kill(OomReport::Scope::memcg, 0, 777), 'a');
  auto evidence = with_kernel_log({worker, end, claim});
  auto deaths = judged(evidence);
  REQUIRE(deaths.size() == 2);
  CHECK(deaths[0].conclusion.cause == Cause::exit);
  REQUIRE(deaths[0].contradictions.size() == 1);
  CHECK(has(deaths[0].contradictions[0], "nginx(777)"));
  CHECK(deaths[1].conclusion.cause == Cause::oom_memcg);
}

TEST_CASE("inquest: a container's end with the kernel's report is one death") {
  auto end = with_status(in_container(found(K::container_end, 0.2, 0), 'a'), 137);
  auto killed = of({in_container(oom_kill(), 'a'), end});
  CHECK(killed.verdict().cause == Cause::oom_memcg);
  CHECK(killed.deaths[0].signal == SIGKILL);
  CHECK_FALSE(killed.deaths[0].signal_inferred);
}

TEST_CASE("inquest: a cgroup whose processes end together") {
  auto kill = oom_kill();
  kill.oom->whole_group = true;
  CHECK(has(of({kill}).verdict().sentence, "memory.oom.group"));
}

TEST_CASE("inquest: a killer in user space") {
  auto kill = with_signal(found(K::userspace_oom), SIGTERM);
  kill.actor.comm = "earlyoom";
  kill.actor.pid = 321;
  CHECK(of({kill}).verdict().confidence == Confidence::likely);
  auto shown = of({kill, ended_by(SIGTERM)});
  CHECK(shown.verdict().confidence == Confidence::certain);
  CHECK(shown.verdict().killer.comm == "earlyoom");
}

TEST_CASE("inquest: SysRq f by its report alone") {
  auto kill = oom_kill(OomReport::Scope::machine);
  kill.reason = "SysRq f ran the out-of-memory killer";
  auto made = of({kill});
  CHECK(made.verdict().cause == Cause::sysrq);
  CHECK(made.verdict().confidence == Confidence::certain);
}

TEST_CASE("inquest: a main process that exits after the kernel killed another process of its unit") {
  auto kill = in_unit(oom_kill(OomReport::Scope::memcg, -1, 700), "web.service");
  auto said = in_unit(found(K::unit_oom, -0.9, 0), "web.service");
  auto end = in_unit(with_status(found(K::unit_process, 0, 0), 1), "web.service");
  auto evidence = evidence_of({kill, said, end});
  auto deaths = judged(evidence);
  REQUIRE(deaths.size() == 2);
  CHECK(deaths[0].conclusion.cause == Cause::oom_memcg);
  CHECK(deaths[0].conclusion.confidence == Confidence::likely);
  CHECK(deaths[0].status == 1);
  CHECK(deaths[1].who.pid == 700);
  CHECK(deaths[1].conclusion.confidence == Confidence::certain);
}
