#include "autopsy/inquest/rules.h"

#include "autopsy/inquest/death_words.h"
#include "autopsy/inquest/made_findings.h"
#include "autopsy/inquest/party_words.h"
#include "catch.h"

using namespace stapkill;
using K = Finding::Kind;

namespace {

/// The only death in it.
struct Judged {
  Evidence evidence;
  std::vector<FoundDeath> deaths;
  explicit Judged(Evidence its) : evidence(std::move(its)), deaths(judged(evidence)) { REQUIRE(deaths.size() == 1); }
  const Conclusion& verdict() const { return deaths[0].conclusion; }
};

Judged of(std::vector<Finding> findings) {
  return Judged(evidence_of(std::move(findings)));
}

bool has(const std::string& text, const std::string& words) {
  return text.find(words) != std::string::npos;
}

}  // namespace

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

TEST_CASE("inquest: audit names the sender, and certain needs the end by its pid") {
  auto alone = of({call_of_kill()});
  CHECK(alone.verdict().cause == Cause::kill);
  CHECK(alone.verdict().confidence == Confidence::likely);  // the call succeeds on a zombie, too
  CHECK(alone.verdict().killer.pid == 700);
  auto shown = of({call_of_kill(), ended_by(SIGKILL)});
  CHECK(shown.verdict().confidence == Confidence::certain);
  CHECK(has(summary_of(shown.deaths[0]), "was killed by SIGKILL from kill(700) (kill(2))"));
}

TEST_CASE("inquest: a call that failed, or of another signal, ends nobody") {
  auto failed = call_of_kill();
  failed.failed = true;
  CHECK(of({failed, ended_by(SIGKILL)}).verdict().cause == Cause::unknown);
  CHECK(of({with_signal(call_of_kill(), SIGHUP), ended_by(SIGKILL)}).verdict().cause == Cause::unknown);
}

TEST_CASE("inquest: two senders make it likely") {
  auto other = call_of_kill(0.05);
  other.actor.pid = 701;
  auto both = of({call_of_kill(), other, ended_by(SIGKILL)});
  CHECK(both.verdict().confidence == Confidence::likely);
  CHECK(has(both.verdict().missing, "senders"));
}

TEST_CASE("inquest: SIGTERM that was handled is an exit") {
  auto asked = with_signal(call_of_kill(-1), SIGTERM);
  auto end = with_status(found(K::accounting, 0), 0);
  auto exited = of({asked, end});
  CHECK(exited.verdict().cause == Cause::exit);
}

TEST_CASE("inquest: a core's siginfo tells a fault, abort and a sender") {
  auto core = with_signal(found(K::core), SIGSEGV);
  core.by_kernel = true;
  core.reason = "SIGSEGV at 0x0 in nginx+0x2a1b0";
  auto fault = of({core});
  CHECK(fault.verdict().cause == Cause::fault);
  CHECK(fault.verdict().confidence == Confidence::certain);
  core.by_kernel = false;
  core.self = true;
  core.signal = SIGABRT;
  CHECK(of({core}).verdict().cause == Cause::self);
  core.self = false;
  core.actor.pid = 812;
  core.actor.uid = 0;
  auto sent = of({core});
  CHECK(sent.verdict().cause == Cause::kill);
  CHECK(sent.verdict().killer.pid == 812);
}

TEST_CASE("inquest: a core without a siginfo is likely its usual cause") {
  auto abort = of({with_signal(found(K::core), SIGABRT)});
  CHECK(abort.verdict().cause == Cause::self);
  CHECK(abort.verdict().confidence == Confidence::likely);
}

TEST_CASE("inquest: the kernel's line about a fault is certain") {
  auto line = with_signal(found(K::fault, 0, 0), SIGSEGV);
  line.subject.tid = 500;
  line.subject.comm = "nginx";
  auto fault = of({line, ended_by(SIGSEGV)});
  CHECK(fault.verdict().cause == Cause::fault);
  CHECK(fault.verdict().confidence == Confidence::certain);
  CHECK(fault.deaths[0].who.pid == 500);
}

TEST_CASE("inquest: a seccomp filter's kill needs the end of the process") {
  auto refused = with_signal(found(K::seccomp), SIGSYS);
  CHECK(of({refused}).verdict().confidence == Confidence::likely);
  CHECK(of({refused, ended_by(SIGSYS)}).verdict().confidence == Confidence::certain);
  auto logged = refused;
  logged.signal = 0;  // SECCOMP_RET_LOG
  CHECK(of({logged, ended_by(SIGKILL)}).verdict().cause == Cause::unknown);
}

TEST_CASE("inquest: systemd's own line names the pid that it signals") {
  auto kill = with_signal(in_unit(found(K::unit_kill), "nginx.service"), SIGKILL);
  auto limit = in_unit(found(K::unit_limit, -0.1, 0), "nginx.service");
  limit.reason = "State 'stop-sigterm' timed out. Killing.";
  auto shown = of({limit, kill, ended_by(SIGKILL)});
  CHECK(shown.verdict().cause == Cause::kill);
  CHECK(shown.verdict().confidence == Confidence::certain);
  CHECK(shown.verdict().killer.pid == 1);
  CHECK(has(shown.verdict().sentence, "timed out"));
}

TEST_CASE("inquest: a stop job before the end is likely its reason, and who asked is open") {
  auto stop = in_unit(found(K::unit_stop, -2, 0), "nginx.service");
  auto end = with_signal(in_unit(found(K::unit_process, 0, 0), "nginx.service"), SIGTERM);
  auto stopped = of({stop, end});
  CHECK(stopped.verdict().cause == Cause::kill);
  CHECK(stopped.verdict().confidence == Confidence::likely);
  CHECK(has(stopped.verdict().missing, "who asked"));
  stop.subject.unit = "other.service";
  CHECK(of({stop, end}).verdict().cause == Cause::unknown);
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

TEST_CASE("inquest: the kubelet's decision is likely") {
  auto end = with_status(in_container(found(K::container_end, 0, 0), 'a'), 137);
  auto kill = in_container(found(K::kubelet_kill, -31, 0), 'a');
  kill.reason = "liveness probe failed";
  auto probed = of({kill, end});
  CHECK(probed.verdict().cause == Cause::kill);
  CHECK(probed.verdict().confidence == Confidence::likely);
  CHECK(has(probed.verdict().sentence, "liveness probe failed"));
}

TEST_CASE("inquest: of the kubelet's messages the one with a cause counts") {
  auto end = with_status(in_container(found(K::container_end, 0, 0), 'a'), 137);
  auto say = [](double seconds, const char* reason) {
    auto kill = in_container(found(K::kubelet_kill, seconds, 0), 'a');
    kill.reason = kill.quote = reason;
    return kill;
  };
  auto probed = of({say(-2.1, "failed liveness probe, will be restarted"), say(-2, "grace period, s: 30"), end});
  CHECK(has(probed.verdict().sentence, "(failed liveness probe, will be restarted)"));
  auto deleted =
      of({say(-32, "its pod was deleted"), say(-31, "grace period, s: 30"), say(2, "its pod was removed"), end});
  CHECK(has(deleted.verdict().sentence, "(its pod was deleted)"));
  // An eviction is logged when the pod is gone.
  auto evicted = of({say(-31, "grace period, s: 30"), say(1, "evicted: the node ran out of a resource"), end});
  CHECK(has(evicted.verdict().sentence, "(evicted: the node ran out of a resource)"));
}

TEST_CASE("inquest: a pod that is deleted after its container's end did not end it") {
  auto end = with_status(in_container(found(K::container_end, 0, 0), 'a'), 1);
  end.subject.pod = "shop/web-0";
  auto deleted = found(K::kubelet_kill, 5, 0);
  deleted.subject.pod = "shop/web-0";
  deleted.reason = "its pod was deleted";
  auto late = of({end, deleted});
  CHECK(late.verdict().rule == "exit");
  CHECK(late.verdict().confidence == Confidence::certain);
  // Nor is it a death: the pod can have ended long ago.
  auto alone = evidence_of({deleted});
  CHECK(judged(alone).empty());
  deleted.reason = "evicted: the node ran out of a resource";
  alone = evidence_of({deleted});
  CHECK(judged(alone).size() == 1);
}

TEST_CASE("inquest: SIGKILL after the grace period") {
  auto stop = [](double seconds, int number) {
    auto one = with_signal(in_container(found(K::container_stop, seconds, 0), 'a'), number);
    one.quote = std::to_string(number);
    return one;
  };
  auto kill = in_container(found(K::kubelet_kill, -31, 0), 'a');
  kill.reason = "grace period, s: 30";
  auto end = with_status(in_container(found(K::container_end, 0, 0), 'a'), 137);
  auto forced = of({kill, stop(-30.9, SIGTERM), stop(-0.1, SIGKILL), end});
  CHECK(has(forced.verdict().sentence, "; it had not ended by SIGTERM, and its runtime sent SIGKILL"));
  CHECK_FALSE(has(of({kill, stop(-30.9, SIGTERM), end}).verdict().sentence, "sent SIGKILL"));
}

TEST_CASE("inquest: a runtime's flag that it was asked to end a container") {
  auto asked = in_container(found(K::claim, 0, 0), 'a');
  asked.reason = "HasBeenManuallyStopped: dockerd was asked";
  asked.through = "docker";
  auto end = with_status(in_container(found(K::container_end, 0, 0), 'a'), 143);
  auto stopped = of({end, asked});
  CHECK(stopped.verdict().cause == Cause::kill);
  CHECK(stopped.verdict().confidence == Confidence::likely);
  CHECK(stopped.verdict().through == "docker");
  CHECK(has(stopped.verdict().sentence, "dockerd had been asked to send it a signal"));
  // One that handled the signal did not exit by itself for certain.
  end.status = 0;
  auto exited = of({end, asked});
  CHECK(exited.verdict().cause == Cause::exit);
  CHECK(exited.verdict().confidence == Confidence::likely);
  end.status = 139;
  CHECK(of({end, asked}).verdict().cause == Cause::unknown);
}

TEST_CASE("inquest: a call of kill, and the runtime's status after it") {
  auto end = with_status(in_container(found(K::container_end, 0.01), 'a'), 137);
  auto killed = of({call_of_kill(), end});
  CHECK(killed.verdict().cause == Cause::kill);
  CHECK(killed.verdict().confidence == Confidence::certain);
  // It may have been a zombie.
  end.time = kNoon - kSecond / 2;
  CHECK(of({call_of_kill(), end}).verdict().confidence == Confidence::likely);
  end.time = kNoon + 10 * kSecond;
  CHECK(of({call_of_kill(), end}).verdict().confidence == Confidence::likely);
  // 143 can be the program's own status after a handler.
  end = with_status(in_container(found(K::container_end, 0.01), 'a'), 143);
  CHECK(of({with_signal(call_of_kill(), SIGTERM), end}).verdict().confidence == Confidence::likely);
}

TEST_CASE("inquest: a unit passes on how its container ended") {
  auto end = in_unit(with_status(in_container(found(K::container_end), 'a'), 137), "cache.service");
  auto unit = in_unit(with_status(found(K::unit_process, 0.3, 0), 137), "cache.service");
  auto both = of({call_of_kill(-0.01), end, unit});
  CHECK(both.verdict().cause == Cause::kill);
  CHECK(both.deaths[0].contradictions.empty());
  auto alone = of({unit});
  CHECK(alone.verdict().cause == Cause::exit);
  CHECK(has(alone.verdict().sentence, "128 + SIGKILL"));
}

TEST_CASE("inquest: a signal that a source names is not inferred") {
  auto end = with_status(in_container(found(K::container_end, -0.01), 'a'), 137);
  auto killed = of({end, oom_kill()});
  CHECK(killed.deaths[0].signal == SIGKILL);
  CHECK_FALSE(killed.deaths[0].signal_inferred);
  CHECK_FALSE(killed.deaths[0].status);
}

TEST_CASE("inquest: a cgroup whose processes end together") {
  auto kill = oom_kill();
  kill.oom->whole_group = true;
  CHECK(has(of({kill}).verdict().sentence, "memory.oom.group"));
}

TEST_CASE("inquest: a container whose process has only a pid is named as the container") {
  auto end = with_status(in_container(found(K::container_end), 'a'), 3);
  end.subject.comm.clear();
  end.subject.container_name = "web";
  end.subject.pod = "shop/web-0";
  CHECK(has(summary_of(of({end}).deaths[0]), "container web of pod shop/web-0 (pid 500) exited"));
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

TEST_CASE("inquest: systemd's SIGKILL to one process, and the main process's end by it") {
  auto kill = in_unit(with_signal(found(K::unit_kill), SIGKILL), "nginx.service");
  auto end = in_unit(with_signal(found(K::unit_process, 0.03, 0), SIGKILL), "nginx.service");
  end.reason = "Main process, code=killed";
  CHECK(of({kill, end}).verdict().confidence == Confidence::certain);
  auto earlier = end;
  earlier.time -= kSecond;
  CHECK(of({kill, earlier}).verdict().confidence == Confidence::likely);
  auto child = kill;
  child.subject.pid = 501;
  auto evidence = evidence_of({kill, child, end});
  for (const auto& death : judged(evidence)) CHECK(death.conclusion.confidence != Confidence::certain);
}

TEST_CASE("inquest: SysRq f by its report alone") {
  auto kill = oom_kill(OomReport::Scope::machine);
  kill.reason = "SysRq f ran the out-of-memory killer";
  auto made = of({kill});
  CHECK(made.verdict().cause == Cause::sysrq);
  CHECK(made.verdict().confidence == Confidence::certain);
}

TEST_CASE("inquest: a seccomp filter that ends the process is certain, one that ends a thread is not") {
  auto refused = with_signal(found(K::seccomp), SIGSYS);
  refused.reason = "seccomp filter: end the process, system call 41";
  CHECK(of({refused}).verdict().confidence == Confidence::certain);
  refused.reason = "seccomp filter: end the thread, system call 41";
  CHECK(of({refused}).verdict().confidence == Confidence::likely);
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

TEST_CASE("inquest: two senders are both named", "[autopsy]") {
  auto second = call_of_kill(0.04);
  second.actor.pid = 800;
  second.actor.comm = "monit";
  auto two = of({call_of_kill(), second, ended_by(SIGKILL)});
  CHECK(two.verdict().confidence == Confidence::likely);
  CHECK(has(summary_of(two.deaths[0]), "from kill(700) (kill(2)); monit(800) sent it, too."));
}

TEST_CASE("inquest: the kubelet's reason is what it said before the signal", "[autopsy]") {
  auto why = in_container(found(K::kubelet_kill, -30, 0), 'a');
  why.reason = "failed liveness probe, will be restarted";
  auto signal = in_container(found(K::kubelet_kill, -29.9, 0), 'a');
  signal.reason = "grace period, s: 30";
  auto end = with_status(in_container(found(K::container_end, 0, 0), 'a'), 137);
  CHECK(has(of({why, signal, end}).verdict().sentence, "failed liveness probe"));
  CHECK(has(of({signal, end}).verdict().sentence, "grace period, s: 30"));
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

TEST_CASE("inquest: findings in words", "[autopsy]") {
  auto call = call_of_kill();
  CHECK(finding_words(call) == "audit: kill(700) sent SIGKILL to nginx(500) by kill(2)");
  call.place = "audit event 1.2:3";
  CHECK(quoted(call) == "audit (audit event 1.2:3): kill(700) sent SIGKILL to nginx(500) by kill(2)");
  call.failed = true;
  CHECK(has(finding_words(call), ", which failed"));
  auto stop = in_unit(found(K::unit_result, 0, 0), "web.service");
  stop.source = "audit";
  stop.quote = "type=SERVICE_STOP msg=audit(1.2:3): pid=1";
  stop.reason = "the service failed";
  CHECK(finding_words(stop) == "audit: web.service: the service failed");
  auto claim = found(K::claim);
  claim.quote = R"("ExitCode":137,"OOMKilled":true)";
  claim.reason = "OOMKilled, by dockerd";
  CHECK(has(finding_words(claim), "OOMKilled, by dockerd"));
  auto file = found(K::core);
  file.quote = "";
  file.place = "/var/lib/systemd/coredump/core.x";
  CHECK(has(finding_words(file), file.place));
  // What is open about a signal is not about an exit.
  CHECK(meaning_of(with_status(found(K::container_end), 1)).size() == 1);
  CHECK(meaning_of(with_status(found(K::container_end), 137)).size() == 2);
}

TEST_CASE("inquest: where stamps are equal, the log's own order is kept", "[autopsy]") {
  auto limit = in_unit(found(K::unit_limit), "nginx.service");
  limit.quote = "first";
  auto end = with_signal(in_unit(found(K::unit_process), "nginx.service"), SIGKILL);
  end.quote = "second";
  auto both = of({limit, end});
  auto line = time_line(both.deaths[0]);
  REQUIRE(line.size() == 2);
  CHECK(line[0]->quote == "first");
}

TEST_CASE("inquest: a line that has two findings is shown once, one that comes again, again") {
  auto end = ended_by(SIGKILL);
  auto claim = found(K::claim, 0.1);
  claim.place = end.place;
  claim.quote = end.quote;
  CHECK(time_line(of({end, claim}).deaths[0]).size() == 1);
  claim.time += kSecond;
  CHECK(time_line(of({end, claim}).deaths[0]).size() == 2);
}

TEST_CASE("inquest: a process without a name is named for its container, a scope for its cgroup", "[autopsy]") {
  Party party;
  party.pid = 9;
  CHECK(words_for(party) == "pid 9");
  party.container_name = "cart";
  CHECK(words_for(party) == "container cart (pid 9)");
  Party scope;
  scope.unit = "user@1000.service";
  scope.cgroup = "/user.slice/user@1000.service/app.slice/a.scope";
  CHECK(words_for(scope) == "cgroup /user.slice/user@1000.service/app.slice/a.scope");
  scope.cgroup = "/user.slice/user@1000.service";
  CHECK(words_for(scope) == "user@1000.service");
}
