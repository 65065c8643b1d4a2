#include "autopsy/inquest/signal_rules.h"

#include "autopsy/inquest/death_words.h"
#include "autopsy/inquest/made_findings.h"
#include "autopsy/inquest/party_words.h"
#include "catch.h"

using namespace stapkill;
using K = Finding::Kind;

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

TEST_CASE("inquest: a seccomp filter that ends the process is certain, one that ends a thread is not") {
  auto refused = with_signal(found(K::seccomp), SIGSYS);
  refused.reason = "seccomp filter: end the process, system call 41";
  CHECK(of({refused}).verdict().confidence == Confidence::certain);
  refused.reason = "seccomp filter: end the thread, system call 41";
  CHECK(of({refused}).verdict().confidence == Confidence::likely);
}

TEST_CASE("inquest: two senders are both named", "[autopsy]") {
  auto second = call_of_kill(0.04);
  second.actor.pid = 800;
  second.actor.comm = "monit";
  auto two = of({call_of_kill(), second, ended_by(SIGKILL)});
  CHECK(two.verdict().confidence == Confidence::likely);
  CHECK(has(summary_of(two.deaths[0]), "from kill(700) (kill(2)); monit(800) sent it, too."));
}
