#include "autopsy/records/core_finding.h"

#include "autopsy/records/made_core.h"
#include "catch.h"

using namespace stapkill;

namespace {

Finding finding_of(const MadeCore& made, const CoreOrigin& origin = {}) {
  auto facts = read_core_notes(made.bytes());
  REQUIRE(facts);
  return core_finding(origin, &*facts);
}

}  // namespace

TEST_CASE("a fault is the kernel's, at its address and in its module", "[autopsy][core]") {
  auto finding = finding_of(MadeCore());
  CHECK(finding.kind == Finding::Kind::core);
  CHECK(finding.by_kernel);
  CHECK_FALSE(finding.self);
  CHECK(finding.actor == Party());
  CHECK(finding.signal == 11);
  CHECK(finding.reason == "SIGSEGV at 0x0 in libc.so.6+0x2b234");
  CHECK(finding.subject.pid == 4711);
  CHECK(finding.subject.tid == 4712);

  MadeCore general;  // a general protection fault has no address: SI_KERNEL
  general.code = 0x80;
  CHECK(finding_of(general).by_kernel);
  CHECK(finding_of(general).reason == "SIGSEGV in libc.so.6+0x2b234");
  MadeCore bus;
  bus.signal = 7;
  bus.code = 2;
  bus.address = 0x1000;
  CHECK(finding_of(bus).reason == "SIGBUS (BUS_ADRERR) at 0x1000 in libc.so.6+0x2b234");
}

TEST_CASE("a signal of a process names it, or the process itself", "[autopsy][core]") {
  MadeCore made;
  made.signal = 6;
  made.sent_by(900, 1000, 0);
  auto finding = finding_of(made);
  CHECK_FALSE(finding.by_kernel);
  CHECK_FALSE(finding.self);
  CHECK(finding.actor.pid == 900);
  CHECK(finding.actor.uid == 1000);

  made.sent_by(4711, 33, -6);  // abort(3): tgkill
  finding = finding_of(made);
  CHECK(finding.self);
  CHECK(finding.actor.pid == 0);
  CHECK(finding.reason == "SIGABRT, sent by itself, in libc.so.6+0x2b234");

  made.sent_by(0, 0, 0);
  finding = finding_of(made);
  CHECK(finding.actor.pid == 0);
  CHECK(finding.reason == "SIGABRT, sent from outside its pid namespace");
}

TEST_CASE("a sender that wrote its own pid is not believed", "[autopsy][core]") {
  MadeCore made;
  made.signal = 6;
  made.sent_by(1, 0, -1);  // sigqueue(3): rt_sigqueueinfo(2) takes any si_pid
  auto finding = finding_of(made);
  CHECK(finding.actor == Party());
  CHECK_FALSE(finding.self);
  CHECK_FALSE(finding.by_kernel);
}

TEST_CASE("SIGXFSZ looks as if the process sent it, and is the kernel's", "[autopsy][core]") {
  MadeCore made;
  made.signal = 25;
  made.sent_by(4711, 33, 0);
  auto finding = finding_of(made);
  CHECK(finding.by_kernel);
  CHECK_FALSE(finding.self);
}

TEST_CASE("seccomp's SIGSYS names the system call", "[autopsy][core]") {
  MadeCore made;
  made.signal = 31;
  made.code = 1;
  CHECK(finding_of(made).reason == "SIGSYS: seccomp refused system call 0");
}

TEST_CASE("in a pid namespace, the host's number counts and the sender's does not", "[autopsy][core]") {
  MadeCore made;
  made.signal = 6;
  made.pid = made.tid = 7;
  made.sent_by(1, 0, 0);
  CoreOrigin origin;
  origin.pid = 81234;
  origin.uid = 100033;
  auto finding = finding_of(made, origin);
  CHECK(finding.subject.pid == 81234);
  CHECK(finding.subject.tid == 0);
  CHECK(finding.subject.parent == 0);
  CHECK(finding.subject.uid == 100033);
  CHECK(finding.actor.pid == 0);
  CHECK(finding.reason == "SIGABRT, sent by process 1 of its pid namespace");
  made.sent_by(7, 33, -6);
  CHECK(finding_of(made, origin).self);
}

TEST_CASE("a core without a siginfo says the signal alone", "[autopsy][core]") {
  MadeCore made;
  made.has_signal = false;  // before Linux 3.8
  auto finding = finding_of(made);
  CHECK(finding.signal == 11);
  CHECK_FALSE(finding.by_kernel);
  CHECK_FALSE(finding.self);
}
