#include "autopsy/inquest/manager_rules.h"

#include "autopsy/inquest/death_words.h"
#include "autopsy/inquest/made_findings.h"
#include "autopsy/inquest/party_words.h"
#include "catch.h"

using namespace stapkill;
using K = Finding::Kind;

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

TEST_CASE("inquest: the kubelet's reason is what it said before the signal", "[autopsy]") {
  auto why = in_container(found(K::kubelet_kill, -30, 0), 'a');
  why.reason = "failed liveness probe, will be restarted";
  auto signal = in_container(found(K::kubelet_kill, -29.9, 0), 'a');
  signal.reason = "grace period, s: 30";
  auto end = with_status(in_container(found(K::container_end, 0, 0), 'a'), 137);
  CHECK(has(of({why, signal, end}).verdict().sentence, "failed liveness probe"));
  CHECK(has(of({signal, end}).verdict().sentence, "grace period, s: 30"));
}
