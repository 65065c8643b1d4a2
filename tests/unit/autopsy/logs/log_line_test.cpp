#include "autopsy/logs/log_line.h"

#include "autopsy/logs/line_clock.h"
#include "catch.h"
#include "entries.h"

using namespace stapkill;

namespace {

struct Form {
  const char* line;
  const char* time;  ///< "" for none
  const char* program;
  int pid;
  const char* message;
};

Time placed(const Stamp& stamp) {
  TimeZone zone("UTC0");
  LineClock clock(zone, at("2026-12-01T00:00:00Z"), {});
  return clock.place(stamp).time;
}

}  // namespace

TEST_CASE("log_line: the forms of a log's lines", "[autopsy][log_line]") {
  const Form forms[] = {
      // rsyslog 8.2302, RSYSLOG_TraditionalFileFormat
      {"Nov 30 18:21:21 web1 cron[12]: hello", "2026-11-30T18:21:21Z", "cron", 12, "hello"},
      {"Nov  3 18:21:21 web1 systemd: Started x.", "2026-11-03T18:21:21Z", "systemd", 0, "Started x."},
      {"Nov 30 18:21:21 web1 kernel: [   12.345678] oom", "2026-11-30T18:21:21Z", "kernel", 0, "oom"},
      {"Nov 30 18:21:21 web1 kernel: [   12.345678][  T123] oom", "2026-11-30T18:21:21Z", "kernel", 0, "oom"},
      {"Nov 30 18:21:21 web1 kernel: python3[31]: segfault at 0 ip 0", "2026-11-30T18:21:21Z", "kernel", 0,
       "python3[31]: segfault at 0 ip 0"},
      {"Nov 30 18:21:21 web1 kernel: [    2.1] a", "2026-11-30T18:21:21Z", "kernel", 0, "[    2.1] a"},
      {"Nov 30 18:21:21 web1 no tag here", "2026-11-30T18:21:21Z", "", 0, "no tag here"},
      // a user's "logger -t kernel -i"
      {"Nov 30 18:21:21 web1 kernel[7]: Killed process 1 (a)", "2026-11-30T18:21:21Z", "kernel[7]", 0,
       "Killed process 1 (a)"},
      // Debian 12's journal and Ubuntu 24.04's rsyslog
      {"2026-11-30T18:21:21.123456+01:00 web1 sshd[1]: m", "2026-11-30T17:21:21.123456Z", "sshd", 1, "m"},
      // RFC 5424, 6.5
      {"<34>1 2026-11-30T18:21:21.003Z web1 su - ID47 [a b=\"]\"] 'su root' failed", "2026-11-30T18:21:21.003Z", "su",
       0, "'su root' failed"},
      // journalctl 252: short in zh_CN, short-precise, short-iso, short-full, short-unix, short-monotonic
      {"11月 30 18:21:21 web1 prog[12]: m", "2026-11-30T18:21:21Z", "prog", 12, "m"},
      {" 1月 05 18:21:21 web1 prog[12]: m", "2026-01-05T18:21:21Z", "prog", 12, "m"},
      {"Nov 30 18:21:21.123456 web1 prog[12]: m", "2026-11-30T18:21:21.123456Z", "prog", 12, "m"},
      {"2026-11-30T18:21:21+0100 web1 prog[12]: m", "2026-11-30T17:21:21Z", "prog", 12, "m"},
      {"Mon 2026-11-30 18:21:21 CET web1 prog[12]: m", "2026-11-30T17:21:21Z", "prog", 12, "m"},
      {"1764526881.123456 web1 prog[12]: m", "2025-11-30T18:21:21.123456Z", "prog", 12, "m"},
      {"[   12.345678] web1 kernel: m", "", "kernel", 0, "m"},
      {"[   12.345678] kernel: m", "", "kernel", 0, "m"},
      {"[   12.345678] web1 systemd[1]: m", "", "systemd", 1, "m"},
      // dmesg of util-linux 2.38
      {"[   12.345678] Out of memory: Killed process 1 (a)", "", "kernel", 0, "Out of memory: Killed process 1 (a)"},
      {"[   12.345678] python3[31]: segfault at 0", "", "kernel", 0, "python3[31]: segfault at 0"},
      {"[   12.345678] traps: a[3] trap invalid opcode", "", "kernel", 0, "traps: a[3] trap invalid opcode"},
      {"[   12.345678] systemd[1]: Inserted module", "", "systemd", 1, "Inserted module"},
      {"[   12.345678][    T1] m", "", "kernel", 0, "m"},
      {"[   12.345678] [   C10] m", "", "kernel", 0, "m"},
      {"[   12.345678] [   1234]     0  1234", "", "kernel", 0, "[   1234]     0  1234"},
      {"<6>[   12.345678] m", "", "kernel", 0, "m"},
      {"kern  :info  : [   12.345678] m", "", "kernel", 0, "m"},
      {"[Mon Nov 30 18:21:21 2026] a: b", "2026-11-30T18:21:21Z", "kernel", 0, "a: b"},
      {"[一 11月 30 18:21:21 2026] m", "2026-11-30T18:21:21Z", "kernel", 0, "m"},
      {"2026-11-30T18:21:21,123456+00:00 m n: o", "2026-11-30T18:21:21.123456Z", "kernel", 0, "m n: o"},
      {"[Nov30 18:21] m", "2026-11-30T18:21:00Z", "kernel", 0, "m"},
      {"[  +0.000012] m", "", "kernel", 0, "m"},
      // busybox 1.35 syslogd; OpenWrt's logread
      {"Nov 30 18:21:21 web1 kern.warn kernel: [   12.345678] m", "2026-11-30T18:21:21Z", "kernel", 0, "m"},
      {"Mon Nov 30 18:21:21 2026 kern.warn kernel: [   12.345678] m", "2026-11-30T18:21:21Z", "kernel", 0, "m"},
      // CRI logs, docker logs -t, klog of Kubernetes 1.30, logrus
      {"2026-11-30T18:21:21.123456789Z stderr F a b: c", "2026-11-30T18:21:21.123456789Z", "container", 0, "a b: c"},
      {"2026-11-30T18:21:21.123456789Z x kernel: Killed process 1 (a)", "2026-11-30T18:21:21.123456789Z", "container",
       0, "x kernel: Killed process 1 (a)"},
      {"I1130 18:21:21.123456    1234 kubelet.go:123] \"Killing\"", "2026-11-30T18:21:21.123456Z", "", 1234,
       "\"Killing\""},
      {"time=\"2026-11-30T18:21:21Z\" level=info msg=x", "2026-11-30T18:21:21Z", "", 0,
       "time=\"2026-11-30T18:21:21Z\" level=info msg=x"},
      // a copy of /dev/kmsg
      {"6,339,5140900,-;m", "", "kernel", 0, "m"},
      {"30,339,5140900,-;systemd[1]: m", "", "systemd", 1, "m"},
      {"no stamp: at all", "", "", 0, "no stamp: at all"},
  };
  for (const auto& form : forms) {
    INFO(form.line);
    auto line = split_log_line(form.line);
    CHECK(placed(line.stamp) == (*form.time ? at(form.time) : 0));
    CHECK(line.program == form.program);
    CHECK(line.pid == form.pid);
    CHECK(line.message == form.message);
  }
}

TEST_CASE("log_line: a stamp from boot is kept beside a date", "[autopsy][log_line]") {
  auto line = split_log_line("Nov 30 18:21:21 web1 kernel: [12345.678901] x");
  REQUIRE(line.stamp.since_boot);
  CHECK(*line.stamp.since_boot == 12345'678'901'000);
  CHECK(split_log_line("[    0.000000] Linux version").stamp.since_boot == 0);
}

TEST_CASE("log_line: what is no stamp is none", "[autopsy][log_line]") {
  for (const char* text :
       {"Nov 31 18:21:21 web1 a: b", "Nov 30 24:21:21 web1 a: b", "13月 30 18:21:21 a b: c", "2026-13-30T18:21:21Z a",
        "2026-11-30T18:61:21Z a b: c", "[12.34] a", "[] a", "", "[", "<", "<1>", "9999999999999999999.123456 a b: c",
        "[99999999999.123456] a", "I1330 18:21:21.123456", "6,339,99999999999999999999,-;a", "Nov 30"}) {
    INFO(text);
    CHECK(split_log_line(text).stamp.kind == Stamp::Kind::none);
  }
}

TEST_CASE("log_line: decoration goes", "[autopsy][log_line]") {
  using namespace std::string_view_literals;
  std::string storage;
  CHECK(without_decoration("> > Nov 30 x\r", storage) == "Nov 30 x");
  CHECK(without_decoration("\0\0Nov 30\0"sv, storage) == "Nov 30");
  CHECK(without_decoration("\033[32m[    1.000000] \033[0mx", storage) == "[    1.000000] x");
  CHECK(without_decoration("a\033[", storage) == "a");
  CHECK(without_repetition("message repeated 3 times: [ a [b]]") == "a [b]");
  CHECK(without_repetition("message repeated 3 times") == "message repeated 3 times");
}

TEST_CASE("log_line: the kernel's name with another facility is not the kernel's", "[autopsy][log_line]") {
  auto own = split_log_line("Nov 30 17:21:21 alp1 kern.err kernel: [   12.345678] Out of memory: x");
  CHECK(own.program == "kernel");
  CHECK(own.is_kern);
  auto forged = split_log_line("Nov 30 17:21:21 alp1 user.notice kernel: [   12.345678] Out of memory: x");
  CHECK(forged.program == "not the kernel");
  CHECK_FALSE(forged.is_kern);
  CHECK(forged.tagged);
  CHECK_FALSE(split_log_line("[   12.345678] Out of memory: x").tagged);
}
