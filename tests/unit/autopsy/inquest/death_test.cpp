#include "autopsy/inquest/death.h"

#include "autopsy/inquest/made_findings.h"
#include "catch.h"

using namespace stapkill;
using K = Finding::Kind;

TEST_CASE("inquest: findings of one pid within seconds are one death, later ones another") {
  auto evidence = evidence_of({oom_kill(), ended_by(SIGKILL, 0.4), ended_by(SIGKILL, 4000)});
  bring_together(evidence);
  auto deaths = deaths_in(evidence);
  REQUIRE(deaths.size() == 2);
  CHECK(deaths[0].time > deaths[1].time);
  CHECK(deaths[1].ends.size() == 2);
}

TEST_CASE("inquest: the time is that of the source that saw the end itself") {
  auto evidence = evidence_of({oom_kill(OomReport::Scope::memcg, 0), ended_by(SIGKILL, 0.4)});
  bring_together(evidence);
  auto deaths = deaths_in(evidence);
  REQUIRE(deaths.size() == 1);
  CHECK(deaths[0].time == kNoon + 400'000'000);
}

TEST_CASE("inquest: a unit's end joins the death of its process by signal and time") {
  auto process = in_unit(oom_kill(), "nginx.service");
  auto unit = with_signal(in_unit(found(K::unit_process, 0.3, 0), "nginx.service"), SIGKILL);
  auto evidence = evidence_of({process, unit});
  CHECK(deaths_in(evidence).size() == 1);
  evidence.findings[1].signal = SIGTERM;
  CHECK(deaths_in(evidence).size() == 2);
  evidence.findings[1].signal = SIGKILL;
  evidence.findings[1].time += 60 * kSecond;
  CHECK(deaths_in(evidence).size() == 2);
}

TEST_CASE("inquest: signals that end nobody, and that failed, are no deaths") {
  auto checked = with_signal(call_of_kill(), 0);
  auto harmless = with_signal(call_of_kill(), SIGCHLD);
  auto failed = call_of_kill();
  failed.failed = true;
  auto handled = with_signal(call_of_kill(), SIGTERM);
  auto evidence = evidence_of({checked, harmless, failed, handled});
  CHECK(deaths_in(evidence).empty());
}

TEST_CASE("inquest: what is looked for fits by pid, name, unit, container and pod") {
  auto end = in_unit(in_container(ended_by(SIGKILL), 'a'), "nginx.service");
  end.subject.exe = "/usr/sbin/nginx";
  end.subject.container_name = "web";
  end.subject.pod = "shop/web-0";
  end.subject.uid = 33;
  auto evidence = evidence_of({end});
  auto deaths = deaths_in(evidence);
  REQUIRE(deaths.size() == 1);
  auto sought = [&](auto member, auto value) {
    Sought one;
    one.*member = value;
    return fits(one, deaths[0]);
  };
  CHECK(sought(&Sought::pid, 500));
  CHECK_FALSE(sought(&Sought::pid, 501));
  CHECK(sought(&Sought::comm, "nginx"));
  CHECK_FALSE(sought(&Sought::comm, "ngin"));
  CHECK(sought(&Sought::exe, "/usr/sbin/nginx"));
  CHECK(sought(&Sought::unit, "nginx"));
  CHECK(sought(&Sought::unit, "nginx.service"));
  CHECK_FALSE(sought(&Sought::unit, "ngin"));
  CHECK(sought(&Sought::container, "aaaa"));
  CHECK_FALSE(sought(&Sought::container, "aaa"));
  CHECK(sought(&Sought::container, "web"));
  CHECK(sought(&Sought::pod, "web-0"));
  CHECK(sought(&Sought::pod, "shop/web-0"));
  CHECK_FALSE(sought(&Sought::pod, "eb-0"));
  CHECK(sought(&Sought::uid, 33));
}

TEST_CASE("inquest: a long name is compared as the kernel cuts it") {
  auto end = ended_by(SIGKILL);
  end.subject.comm = "kube-controller";
  end.subject.exe.clear();
  auto evidence = evidence_of({end});
  Sought sought;
  sought.comm = "kube-controller";
  CHECK(fits(sought, deaths_in(evidence).at(0)));
}

TEST_CASE("inquest: many ends of processes are sorted out in time") {
  std::vector<Finding> findings;
  for (int at = 0; at < 20'000; ++at) findings.push_back(found(K::accounting, at * 0.01, 1000 + at));
  for (auto& one : findings) one.signal = SIGKILL;
  auto evidence = evidence_of(std::move(findings));
  CHECK(deaths_in(evidence).size() == 20'000);
}

TEST_CASE("deaths: a unit that was stopped, or whose time was over, ended though systemd shows no process's end") {
  auto result = in_unit(found(K::unit_result, 0.2, 0), "cache.service");
  result.reason = "success";
  for (auto kind : {K::unit_stop, K::unit_limit}) {
    auto evidence = evidence_of({in_unit(found(kind, 0, 0), "cache.service"), result});
    auto deaths = judged(evidence);
    REQUIRE(deaths.size() == 1);
    CHECK(deaths[0].who.unit == "cache.service");
    CHECK(deaths[0].conclusion.confidence == Confidence::likely);
    CHECK(deaths[0].conclusion.killer.pid == 1);
  }
  auto evidence = evidence_of({result});  // a timer's service that was done
  CHECK(judged(evidence).empty());
  auto logout = in_unit(found(K::unit_stop, 0, 0), "session-3.scope");
  evidence = evidence_of({logout, in_unit(result, "session-3.scope")});
  CHECK(judged(evidence).empty());
}

TEST_CASE("deaths: a unit's result is no second death") {
  auto stop = in_unit(found(K::unit_stop, 0, 0), "cache.service");
  auto end = in_unit(with_signal(found(K::unit_process, 5, 0), SIGKILL), "cache.service");
  auto evidence = evidence_of({stop, end, in_unit(found(K::unit_result, 40, 0), "cache.service")});
  CHECK(judged(evidence).size() == 1);
}

TEST_CASE("deaths: a unit's end and a pid's of the same signal at the same time are one where they can be no other") {
  auto fault = with_signal(found(K::fault), SIGSEGV);
  auto end = in_unit(with_signal(found(K::unit_process, 0.1, 0), SIGSEGV), "nginx.service");
  auto evidence = evidence_of({fault, end});
  auto deaths = judged(evidence);
  REQUIRE(deaths.size() == 1);
  CHECK(deaths[0].likely_unit == "nginx.service");
  CHECK(deaths[0].conclusion.confidence == Confidence::certain);
  doubt_unit(deaths[0]);
  CHECK(deaths[0].conclusion.confidence == Confidence::likely);
  auto other = with_signal(found(K::fault, 0, 501), SIGSEGV);
  evidence = evidence_of({fault, other, end});
  CHECK(judged(evidence).size() == 3);
  evidence = evidence_of({fault, in_unit(with_signal(found(K::unit_process, 0.1, 0), SIGKILL), "nginx.service")});
  CHECK(judged(evidence).size() == 2);
}

TEST_CASE("inquest: a unit that was stopped ended, though systemd names no process") {
  auto stop = in_unit(found(K::unit_stop, -1, 0), "web.service");
  auto result = in_unit(found(K::unit_result, 0, 0), "web.service");
  result.reason = "success";
  auto later = in_unit(found(K::unit_result, 0.1, 0), "web.service");
  later.reason = "stopped";
  auto evidence = evidence_of({stop, result, later});
  auto deaths = judged(evidence);
  REQUIRE(deaths.size() == 1);
  CHECK(deaths[0].conclusion.cause == Cause::kill);
  CHECK(deaths[0].conclusion.confidence == Confidence::likely);
  auto alone = evidence_of({result});
  CHECK(deaths_in(alone).empty());  // a oneshot unit's usual end
}

TEST_CASE("inquest: pid 1 in a core is systemd where it had a reason") {
  auto core = with_signal(in_unit(found(K::core), "web.service"), SIGABRT);
  core.actor.pid = 1;
  auto limit = in_unit(found(K::unit_limit, -0.1, 0), "web.service");
  limit.reason = "its watchdog was not fed";
  auto evidence = evidence_of({limit, core});
  auto deaths = judged(evidence);
  REQUIRE(deaths.size() == 1);
  CHECK(deaths[0].conclusion.killer.comm == "systemd");
  CHECK(deaths[0].conclusion.sentence.english().find("watchdog") != std::string::npos);
}

TEST_CASE("inquest: a unit's end joins the only process of its name that ended so, then", "[autopsy]") {
  auto main_end = [](const std::string& unit, double seconds = 0.3) {
    auto end = with_signal(in_unit(found(K::unit_process, seconds, 0), unit), SIGKILL);
    end.reason = "Main process, code=killed";
    return end;
  };
  auto count = [](std::vector<Finding> findings) {
    auto evidence = evidence_of(std::move(findings));
    return deaths_in(evidence).size();
  };
  auto evidence = evidence_of({ended_by(SIGKILL), main_end("nginx.service")});
  auto deaths = deaths_in(evidence);
  REQUIRE(deaths.size() == 1);
  CHECK(deaths[0].who.unit == "nginx.service");
  CHECK(deaths[0].who.pid == 500);
  CHECK(count({ended_by(SIGKILL), main_end("nginx@2.service")}) == 1);
  CHECK(count({ended_by(SIGKILL), main_end("web.service")}) == 2);
  CHECK(count({ended_by(SIGTERM), main_end("nginx.service")}) == 2);
  CHECK(count({ended_by(SIGKILL), main_end("nginx.service", 20)}) == 2);
  CHECK(count({in_unit(ended_by(SIGKILL), "other.service"), main_end("nginx.service")}) == 2);
  CHECK(count({in_container(ended_by(SIGKILL), 'a'), main_end("nginx.service")}) == 2);
  // Of two processes of that name nobody knows which.
  auto second = ended_by(SIGKILL);
  second.subject.pid = 501;
  CHECK(count({ended_by(SIGKILL), second, main_end("nginx.service")}) == 3);
}

TEST_CASE("inquest: systemd-oomd and a user's manager speak of the same scope", "[autopsy]") {
  auto oomd = with_signal(in_unit(found(K::userspace_oom, 0, 0), "user@1000.service"), SIGKILL);
  oomd.subject.cgroup = "/user.slice/user-1000.slice/user@1000.service/app.slice/app-builder-7.scope";
  oomd.actor.comm = "systemd-oomd";
  oomd.actor.pid = 912;
  auto told = in_unit(found(K::userspace_oom, 0.04, 0), "app-builder-7.scope");
  told.actor.comm = "systemd-oomd";
  auto evidence = evidence_of({oomd, told});
  auto deaths = judged(evidence);
  REQUIRE(deaths.size() == 1);
  CHECK(deaths[0].conclusion.killer.pid == 912);
  CHECK(deaths[0].decisions.size() == 1);
  auto other = evidence_of({oomd, in_unit(told, "app-builder.scope")});
  CHECK(deaths_in(other).size() == 2);
}

TEST_CASE("inquest: a unit's end after the dump of its process's memory is one death with it") {
  auto core = with_signal(in_unit(found(K::core, 0), "web.service"), SIGSEGV);
  auto end = with_signal(in_unit(found(K::unit_process, 20, 0), "web.service"), SIGSEGV);
  auto evidence = evidence_of({core, end});
  CHECK(deaths_in(evidence).size() == 1);
  evidence.findings[0].kind = K::abnormal_end;  // no dump: another run of the unit
  CHECK(deaths_in(evidence).size() == 2);
}

TEST_CASE("inquest: a stop of a run before does not end the next one") {
  auto stop = in_unit(found(K::unit_stop, -30, 0), "web.service");
  auto start = in_unit(found(K::unit_start, -10, 0), "web.service");
  auto end = in_unit(ended_by(SIGKILL, 0), "web.service");
  auto evidence = evidence_of({stop, start, end});
  auto deaths = judged(evidence);
  REQUIRE(deaths.size() == 1);
  CHECK(deaths[0].conclusion.cause == Cause::unknown);
  auto without = evidence_of({stop, end});
  CHECK(judged(without).at(0).conclusion.cause == Cause::kill);
}
