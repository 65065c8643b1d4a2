#include "autopsy/records/crash_reports.h"
#include "autopsy/records/read_records.h"
#include "catch.h"

using namespace stapkill;

namespace {

// apport 2.28 (Ubuntu 24.04); the core is left out.
constexpr std::string_view kReport = R"(ProblemType: Crash
Architecture: amd64
CrashCounter: 1
Date: Mon Nov 30 10:00:00 2026
DistroRelease: Ubuntu 24.04
ExecutablePath: /usr/sbin/nginx
ExecutableTimestamp: 1717000000
ProcCmdline: nginx:\ worker\ process
ProcStatus:
 Name:	nginx
 Umask:	0022
 State:	S (sleeping)
 Tgid:	4711
 Pid:	4712
 PPid:	1
 Uid:	33	33	33	33
Signal: 6
SignalName: SIGABRT
UserGroups: N/A
CoreDump: base64
 H4sICAAAAAAC/0NvcmVEdW1wAA==
)";

std::optional<Finding> finding_of(std::string_view report, std::optional<std::int64_t> owner = {}) {
  return apport_finding(report, "/var/crash/_usr_sbin_nginx.33.crash", TimeZone("UTC0"), owner);
}

}  // namespace

TEST_CASE("apport's report names the process, the signal and the second", "[autopsy][core]") {
  auto finding = finding_of(kReport);
  REQUIRE(finding);
  CHECK(finding->kind == Finding::Kind::core);
  CHECK(finding->subject.pid == 4711);
  CHECK(finding->subject.comm == "nginx");
  CHECK(finding->subject.exe == "/usr/sbin/nginx");
  CHECK(finding->subject.uid == 33);
  CHECK(finding->signal == 6);
  CHECK(finding->time == 1'796'032'800'500'000'000);
  CHECK_FALSE(finding->self);
  CHECK_FALSE(finding->by_kernel);
}

TEST_CASE("a report of somebody else's process is not believed", "[autopsy][core]") {
  CHECK(finding_of(kReport, 33));
  CHECK(finding_of(kReport, 0));
  CHECK_FALSE(finding_of(kReport, 1000));
}

TEST_CASE("an exception of Python ends a process without a signal", "[autopsy][core]") {
  auto finding = finding_of(
      "ProblemType: Crash\nDate: Mon Nov 30 10:00:00 2026\nExecutablePath: /usr/bin/tool\n"
      "Traceback:\n Traceback (most recent call last):\n   File \"/usr/bin/tool\", line 3\n ValueError: no host\n");
  REQUIRE(finding);
  CHECK(finding->kind == Finding::Kind::note);
  CHECK(finding->reason == "an exception ended it: ValueError: no host");
}

TEST_CASE("other reports, and damaged ones, give nothing", "[autopsy][core]") {
  CHECK_FALSE(finding_of(""));
  CHECK_FALSE(finding_of("ProblemType: Package\nSignal: 6\n"));
  CHECK_FALSE(finding_of("ProblemType: Crash\n"));
  CHECK_FALSE(finding_of("ProblemType: Crash\nSignal: 65\n"));
  for (std::size_t size = 0; size < kReport.size(); ++size) (void)finding_of(kReport.substr(0, size));
}

TEST_CASE("a report that a colleague sent has a date without a zone", "[autopsy][core]") {
  CHECK(looks_like_crash_report(kReport));
  auto reading = read_crash_report(kReport, "x.crash");
  REQUIRE(reading.findings.size() == 1);
  CHECK(reading.findings[0].doubt > Time{24} * 3600 * 1'000'000'000);
  CHECK(read_crash_report("text", "x").notes.at(0).state == SourceNote::State::broken);
}
