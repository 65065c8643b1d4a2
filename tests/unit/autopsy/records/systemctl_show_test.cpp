#include "autopsy/records/systemctl_show.h"

#include "autopsy/records/read_records.h"
#include "autopsy/records/shown.h"
#include "catch.h"

using namespace stapkill;
using shown::Texts;

namespace {

/// systemd 252, `systemctl show` of two units, shortened.
constexpr std::string_view kShow = R"(Type=simple
Restart=no
Result=oom-kill
NRestarts=0
ExecMainStartTimestamp=Mon 2026-11-30 18:00:00 UTC
ExecMainExitTimestamp=Mon 2026-11-30 18:21:21 UTC
ExecMainPID=4242
ExecMainCode=2
ExecMainStatus=9
OOMPolicy=stop
Id=web.service
ActiveState=failed

Result=exit-code
NRestarts=3
ExecMainExitTimestamp=Mon 2026-11-30 18:22:00 UTC
ExecMainPID=4300
ExecMainCode=1
ExecMainStatus=203
Id=db.service

Result=success
ExecMainExitTimestamp=
ExecMainPID=4400
ExecMainCode=0
ExecMainStatus=0
Id=live.service
)";

/// systemd 252, `systemctl status web.service`.
const std::string kStatus =
    "\xc3\x97 web.service - The (code=killed, signal=SEGV) shop\n"
    "     Loaded: loaded (/etc/systemd/system/web.service; enabled; preset: enabled)\n"
    "     Active: failed (Result: signal) since Mon 2026-11-30 18:21:21 UTC; 5min ago\n"
    "   Duration: 21min 20.123s\n"
    "    Process: 4241 ExecStartPre=/bin/check (code=exited, status=0/SUCCESS)\n"
    "    Process: 4242 ExecStart=/usr/bin/web --say (code=killed, signal=SEGV) (code=killed, signal=KILL)\n"
    "   Main PID: 4242 (code=killed, signal=KILL)\n"
    "        CPU: 1.234s\n"
    "\n"
    "Nov 30 18:21:21 web1 systemd[1]:    Main PID: 77 (code=killed, signal=TERM)\n";

Texts of(std::string_view text) {
  return shown::lines(read_systemctl_show(text, "x").findings);
}

}  // namespace

TEST_CASE("systemctl show: a unit's process with its result", "[systemctl_show]") {
  auto reading = read_systemctl_show(kShow, "show.txt");
  REQUIRE(shown::lines(reading.findings) ==
          Texts{"process 2026-11-30T18:21:21 web.service signal 9 pid 4242",
                "result 2026-11-30T18:21:21 web.service: oom-kill",
                "process 2026-11-30T18:22:00 db.service status 203 pid 4300: systemd restarted the unit 3 times",
                "result 2026-11-30T18:22:00 db.service: exit-code"});
  CHECK(reading.findings[0].through == "systemd");
  CHECK(reading.findings[0].quote.find("ExecMainPID=4242 ExecMainCode=2 ExecMainStatus=9") != std::string::npos);
  CHECK(looks_like_systemctl_show(kShow));
}

TEST_CASE("systemctl show: a core is a signal; one without its empty lines", "[systemctl_show]") {
  CHECK(of("Id=a.service\nExecMainPID=7\nExecMainCode=3\nExecMainStatus=11\nExecMainExitTimestamp=@1796062881\n"
           "Id=b.service\nExecMainPID=8\nExecMainCode=1\nExecMainStatus=0\nExecMainExitTimestamp=@1796062881\nResult="
           "success\n") == Texts{"process 2026-11-30T18:21:21 a.service signal 11 pid 7",
                                 "process 2026-11-30T18:21:21 b.service status 0 pid 8"});
}

TEST_CASE("systemctl show: a result without an ended process has no time", "[systemctl_show]") {
  CHECK(of("Id=a.service\nResult=resources\nExecMainPID=0\nExecMainCode=0\nExecMainStatus=0\n"
           "ExecMainExitTimestamp=Mon 2026-11-30 18:22:00 UTC\n") == Texts{"result - a.service: resources"});
}

TEST_CASE("systemctl status: the processes, not the journal's lines", "[systemctl_show]") {
  auto reading = read_systemctl_show(kStatus, "status.txt");
  CHECK(shown::lines(reading.findings) == Texts{"result 2026-11-30T18:21:21 web.service: signal",
                                                "process - web.service status 0 pid 4241",
                                                "process 2026-11-30T18:21:21 web.service signal 9 pid 4242"});
  CHECK(looks_like_systemctl_show(kStatus));
  CHECK_FALSE(looks_like_kubectl_describe(kStatus));
}

TEST_CASE("systemctl status: a running unit says no end", "[systemctl_show]") {
  CHECK(of("\xe2\x97\x8f web.service - x\n     Loaded: loaded (/x; enabled)\n     Active: active (running) since Mon "
           "2026-11-30 "
           "18:21:21 UTC; 5min ago\n   Main PID: 4242 (web)\n")
            .empty());
}

TEST_CASE("systemctl: damaged text", "[systemctl_show]") {
  for (std::string_view text :
       {"", "\n\n", "x", "Id=\n", "Main PID: 4242 (code=killed, signal=KILL)\n", "\xff=\xff\n"}) {
    CHECK(of(text).empty());
    CHECK_FALSE(looks_like_systemctl_show(text));
  }
  CHECK(
      of("Id=a.service\nExecMainPID=99999999999\nExecMainCode=2\nExecMainStatus=9\nExecMainExitTimestamp=@1796062881\n")
          .empty());
  CHECK(of("Id=a.service\nExecMainPID=7\nExecMainCode=2\nExecMainStatus=99\nExecMainExitTimestamp=@1796062881\n")
            .empty());
  CHECK(shown::states(read_systemctl_show("hello", "x").notes) == Texts{"systemctl broken"});
}
