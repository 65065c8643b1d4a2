#include <map>

#include "autopsy/messages/kernel_faults.h"
#include "autopsy/messages/readers.h"
#include "catch.h"
#include "lines.h"

using namespace stapkill;

namespace {

using Kind = Finding::Kind;

std::vector<Finding> read(const std::vector<std::string>& lines, std::string_view program = "kernel") {
  auto reader = kernel_messages_reader();
  return findings_of(*reader, lines, program);
}

Finding one(const std::string& line) {
  auto found = read({line});
  INFO(line);
  REQUIRE(found.size() == 1);
  CHECK(found[0].quote == line);
  return found[0];
}

struct Case {
  std::string line;
  int signal;
  std::string comm;
  int tid;
  std::string reason;
};

}  // namespace

TEST_CASE("kernel faults: each form", "[autopsy][kernel]") {
  const std::vector<Case> cases{
      // x86, 3.10
      {"app[4321]: segfault at 10 ip 00007f1200001234 sp 00007ffd00000000 error 4 in libc-2.17.so[7f1200000000+1b7000]",
       11, "app", 4321, "SIGSEGV at 0x10 in libc-2.17.so+0x1234"},
      // 6.1
      {"my app[9]: segfault at 0 ip 00007f12000011b0 sp 00007ffd00000000 error 4 in libc.so.6[7f1200000000+195000] "
       "likely on "
       "CPU 3 (core 1, socket 0)",
       11, "my app", 9, "SIGSEGV at 0x0 in libc.so.6+0x11b0"},
      // 6.7 and later: the offset in the file first
      {"app[9]: segfault at 0 ip 00007f12000011b0 sp 00007ffd00000000 error 4 in libc.so.6[2a1b0,7f1200000000+195000] "
       "likely on "
       "CPU 3 (core 1, socket 0)",
       11, "app", 9, "SIGSEGV at 0x0 in libc.so.6+0x2a1b0"},
      // a jump to nowhere; 3.10 prints "(null)" for %p
      {"app[9]: segfault at 0 ip (null) sp 00007ffd00000000 error 14 in app[400000+2000]", 11, "app", 9,
       "SIGSEGV at 0x0 in app"},
      {"app[9]: segfault at ffffffffffffffff ip 0000000000401139 sp 00007ffd00000000 error 5", 11, "app", 9,
       "SIGSEGV at 0xffffffffffffffff"},
      // 3.10, 5.4, 6.x
      {"traps: app[9] general protection ip:401139 sp:7ffd0000 error:0 in app[400000+2000]", 11, "app", 9,
       "SIGSEGV (general protection) in app+0x1139"},
      {"traps: app[9] general protection fault ip:401139 sp:7ffd0000 error:0 in app[1139,400000+2000]", 11, "app", 9,
       "SIGSEGV (general protection fault) in app+0x1139"},
      {"traps: app[9] trap divide error ip:401139 sp:7ffd0000 error:0 in app[400000+2000]", 8, "app", 9,
       "SIGFPE (divide error) in app+0x1139"},
      {"traps: app[9] trap invalid opcode ip:401139 sp:7ffd0000 error:0 in app[400000+2000]", 4, "app", 9,
       "SIGILL (invalid opcode) in app+0x1139"},
      {"traps: app[9] trap int3 ip:401139 sp:7ffd0000 error:0", 5, "app", 9, "SIGTRAP (int3)"},
      {"traps: app[9] trap stack segment ip:401139 sp:7ffd0000 error:0", 7, "app", 9, "SIGBUS (stack segment)"},
      {"traps: app[9] trap alignment check ip:401139 sp:7ffd0000 error:0", 7, "app", 9, "SIGBUS (alignment check)"},
      // 6.6, shadow stacks
      {"traps: app[9] control protection ip:401139 sp:7ffd0000 ssp:7fee0000 error:1(near ret) in app[400000+2000]", 11,
       "app", 9, "SIGSEGV (control protection) in app+0x1139"},
      {"app[9] bad frame in rt_sigreturn frame:00000000deadbeef ip:401139 sp:7ffd0000 orax:ffffffffffffffff in "
       "app[400000+2000]",
       11, "app", 9, "SIGSEGV (bad frame in rt_sigreturn) in app+0x1139"},
      // arm64: 5.10, 4.9, 3.10
      {"app[9]: bad frame in rt_sigreturn: pc=0000000000401139 sp=0000007fd0000000", 11, "app", 9,
       "SIGSEGV (bad frame in rt_sigreturn)"},
      {"app[9]: unhandled exception: DABT (lower EL), ESR 0x0000000092000006, level 2 translation fault in "
       "app[400000+2000]",
       11, "app", 9, "SIGSEGV (DABT (lower EL), ESR 0x0000000092000006, level 2 translation fault) in app"},
      {"app[9]: unhandled exception: undefined instruction in app[400000+2000]", 4, "app", 9,
       "SIGILL (undefined instruction) in app"},
      {"app[9]: unhandled exception: BRK (AArch64), ESR 0x00000000f2000001, something new in app[400000+2000]", 0,
       "app", 9, "a fault (BRK (AArch64), ESR 0x00000000f2000001, something new) in app"},
      {"app[9]: unhandled level 2 translation fault (11) at 0x00000010, esr 0x92000006, in app[400000+2000]", 11, "app",
       9, "SIGSEGV at 0x10 in app"},
      {"app[9]: undefined instruction: pc=0000000000401139", 4, "app", 9, "SIGILL (undefined instruction)"},
      // riscv 6.1; powerpc 4.19 and 4.4
      {"app[9]: unhandled signal 11 code 0x1 at 0x0000000000000010 in app[10000+1000]", 11, "app", 9,
       "SIGSEGV at 0x10 in app"},
      {"app[9]: segfault (11) at 10 nip 10000690 lr 10000680 code 1 in app[10000000+10000]", 11, "app", 9,
       "SIGSEGV at 0x10 in app+0x690"},
      {"app[9]: unhandled signal 7 at 0000000000000010 nip 0000000010000690 lr 0000000010000680 code 30001", 7, "app",
       9, "SIGBUS at 0x10"},
      // memory failures: 3.10, 5.x
      {"MCE 0x5a5a5: Killing app:9 due to hardware memory corruption", 7, "app", 9,
       "SIGBUS (hardware memory corruption)"},
      {"MCE: Killing app:9 due to hardware memory corruption fault at 7f0000", 7, "app", 9,
       "SIGBUS (hardware memory corruption)"},
      {"Memory failure: 0x5a5a5: Killing a:b:9 due to hardware memory corruption", 7, "a:b", 9,
       "SIGBUS (hardware memory corruption)"},
      {"Memory failure: 0x5a5a5: forcibly killing app:9 because of failure to unmap corrupted page", 9, "app", 9,
       "SIGKILL (hardware memory corruption)"},
  };
  for (const auto& each : cases) {
    INFO(each.line);
    auto found = one(each.line);
    CHECK(found.kind == Kind::fault);
    CHECK(found.signal == each.signal);
    CHECK(found.subject.comm == each.comm);
    CHECK(found.subject.tid == each.tid);
    CHECK(found.subject.pid == 0);  // the line has a thread's id
    CHECK(found.reason == each.reason);
  }
}

TEST_CASE("kernel faults: hostile names do not move the pid", "[autopsy][kernel]") {
  auto found =
      one("x[1]: segfault[77]: segfault at 0 ip 0000000000401139 sp 00007ffd00000000 error 4 in "
          "y[5]: segfault at 0 ip 0 sp 0 error 4 in z[400000+2000]");
  CHECK(found.subject.comm == "x[1]: segfault");
  CHECK(found.subject.tid == 77);
  found = one("[3][77]: segfault at 0 ip 401139 sp 0 error 4 in a[1,2+3] in b[400000+2000]");
  CHECK(found.subject.tid == 77);
  CHECK(found.reason == "SIGSEGV at 0x0 in a[1,2+3] in b+0x1139");
  found = one("a[99999999999999]: segfault at 99999999999999999999 ip 1 sp 1 error 4 in b[1+");
  CHECK(found.subject.tid == 0);
  CHECK(found.reason == "SIGSEGV");
  CHECK(read({"audit[5]: something", "a segfault at 0 ip", "]: segfault at ", "Code: 00 00 00"}).empty());
  CHECK(fault_place(" in a[0+ffffffffffffffff]", 5) == "a+0x5");
  CHECK(fault_place(" in a[10+5]", 3) == "a");
  CHECK(fault_place("", 3).empty());
}

TEST_CASE("kernel: print-fatal-signals is no proof of a fault", "[autopsy][kernel]") {
  // 5.10; the registers name the thread
  auto found = read({"potentially unexpected fatal signal 6.", "CPU: 0 PID: 963 Comm: app Not tainted 5.10.0 #1"});
  REQUIRE(found.size() == 1);
  CHECK(found[0].kind == Kind::abnormal_end);
  CHECK(found[0].signal == 6);
  CHECK(found[0].subject.tid == 963);
  CHECK(found[0].subject.pid == 0);
  // 6.12
  found = read({"app: my app: potentially unexpected fatal signal 11.",
                "CPU: 0 UID: 1000 PID: 963 Comm: my app Not tainted 6.12.0 #1"});
  REQUIRE(found.size() == 1);
  CHECK(found[0].subject.comm == "my app");
  CHECK(found[0].subject.uid == 1000);
  // The registers come too late: another one's.
  found = read({"potentially unexpected fatal signal 6.", "a", "b", "c", "d",
                "CPU: 0 PID: 963 Comm: app Not tainted 5.10.0 #1"});
  REQUIRE(found.size() == 1);
  CHECK(found[0].subject.tid == 0);
  CHECK(read({"potentially unexpected fatal signal 6."}).size() == 1);
}

TEST_CASE("kernel: other lines", "[autopsy][kernel]") {
  struct Other {
    std::string line;
    Kind kind;
    int signal;
    std::string reason;
  };
  const std::vector<Other> others{
      {"SysRq : Kill All Tasks", Kind::sysrq, 9, "SysRq: Kill All Tasks"},                    // 3.10
      {"sysrq: SysRq : Terminate All Tasks", Kind::sysrq, 15, "SysRq: Terminate All Tasks"},  // 4.19
      {"sysrq: Kill All Tasks", Kind::sysrq, 9, "SysRq: Kill All Tasks"},                     // 5.0
      {"sysrq: Manual OOM execution", Kind::sysrq, 9, "SysRq: Manual OOM execution"},
      {"sysrq: Resetting", Kind::shutdown, 0, "SysRq: Resetting"},
      {"sysrq: Trigger a crash", Kind::crash, 0, "SysRq: Trigger a crash"},
      {"Kernel panic - not syncing: System is deadlocked on memory", Kind::crash, 0, "System is deadlocked on memory"},
      {"Kernel panic - not syncing: Out of memory: system-wide panic_on_oom is enabled", Kind::crash, 0,
       "Out of memory: system-wide panic_on_oom is enabled"},
      {"Linux version 6.1.0-18-amd64 (build@example) (gcc-12 12.2.0) #1 SMP", Kind::boot, 0, "Linux 6.1.0-18-amd64"},
      {"reboot: Restarting system", Kind::shutdown, 0, "Restarting system"},
      {"reboot: Power down", Kind::shutdown, 0, "Power down"},
      {"Restarting system.", Kind::shutdown, 0, "Restarting system"},  // 3.10
      {"kexec_core: Starting new kernel", Kind::shutdown, 0, "Starting new kernel"},
      {"PM: suspend entry (deep)", Kind::sleep, 0, "suspend entry (deep)"},
      {"PM: suspend exit", Kind::sleep, 0, "suspend exit"},
      {"PM: hibernation: hibernation entry", Kind::sleep, 0, "hibernation entry"},
      {"nvidia: loading out-of-tree module taints kernel.", Kind::note, 0, "out-of-tree module nvidia was loaded"},
      {"Core dump to |/usr/share/apport/apport pipe failed", Kind::note, 0,
       "no core dump: Core dump to |/usr/share/apport/apport pipe failed"},
      {"Process 12(app) has RLIMIT_CORE set to 1", Kind::note, 0, "no core dump: RLIMIT_CORE set to 1"},
      {"coredump: 12(app): over core_pipe_limit, skipping core dump", Kind::note, 0,
       "no core dump: over core_pipe_limit, skipping core dump"},
      {"cgroup: fork rejected by pids controller in /system.slice/web.service", Kind::note, 0,
       "a fork was refused: limit of the pids controller"},
      {"CPU Watchdog Timeout (hard): app[12]", Kind::note, 9, "hard limit RLIMIT_CPU was reached"},
      {"RT Watchdog Timeout (soft): app[12]", Kind::note, 24, "soft limit RLIMIT_RTTIME was reached"},
      {"INFO: task app:12 blocked for more than 120 seconds.", Kind::hung_task, 0, "blocked for more than 120 s"},
      {"INFO: task a:b 1:12 blocked in I/O wait for more than 241 seconds.", Kind::hung_task, 0,
       "blocked for more than 241 s"},
      {"watchdog: BUG: soft lockup - CPU#1 stuck for 22s! [app:12]", Kind::hung_task, 0,
       "soft lockup: CPU 1 was stuck for 22 s"},
      {"NMI watchdog: BUG: soft lockup - CPU#1 stuck for 22s! [app:12]", Kind::hung_task, 0,
       "soft lockup: CPU 1 was stuck for 22 s"},
      {"tty tty1: SAK: killed process 12 (app): by controlling tty", Kind::sysrq, 9, "secure attention key (SysRq k)"},
      {"lowmemorykiller: Killing 'app' (14) (tgid 12), adj 900,", Kind::oom_kill, 9, "low memory killer"},
      {"send sigkill to 12 (app), adj 15, size 8000", Kind::oom_kill, 9, "low memory killer"},
  };
  for (const auto& each : others) {
    INFO(each.line);
    auto found = one(each.line);
    CHECK(found.kind == each.kind);
    CHECK(found.signal == each.signal);
    CHECK(found.reason == each.reason);
  }
  CHECK(one("cgroup: fork rejected by pids controller in /system.slice/web.service").subject.unit == "web.service");
  CHECK(one("lowmemorykiller: Killing 'app' (14) (tgid 12), adj 900,").subject.pid == 12);
  CHECK(one("lowmemorykiller: Killing 'app' (14) (tgid 12), adj 900,").subject.tid == 14);
  CHECK(one("INFO: task app:12 blocked for more than 120 seconds.").subject.tid == 12);
  // Its number is of the process's own pid namespace.
  CHECK(one("coredump: 12(app): over core_pipe_limit, skipping core dump").subject.pid == 0);
  CHECK(read({"Command line: BOOT_IMAGE=/vmlinuz secret=1", "SysRq : This sysrq operation is disabled.",
              "SysRq : HELP : loglevel(0-9)", "---[ end Kernel panic - not syncing: x ]---",
              "x86/PM: suspend entry (deep)"})
            .empty());
}

TEST_CASE("kernel: who may speak for it", "[autopsy][kernel]") {
  const std::string killed =
      "Out of memory: Killed process 5 (a) total-vm:8kB, anon-rss:4kB, file-rss:0kB, shmem-rss:0kB";
  CHECK(read({killed}, "").size() == 1);
  CHECK(read({killed}, "logger").empty());
  CHECK(read({"Restarting system."}, "").empty());
  CHECK(read({"[ T1234] " + killed}).size() == 1);
  CHECK(read({"[    C0] sysrq: Kill All Tasks"}).size() == 1);
  CHECK(read({"[    X0] sysrq: Kill All Tasks"}).empty());

  auto reader = kernel_messages_reader();
  std::vector<Finding> findings;
  LogEntry entry;
  entry.program = "kernel";
  entry.message = "sysrq: Kill All Tasks";
  std::map<std::string, std::string, std::less<>> fields{{"_TRANSPORT", "syslog"}};
  entry.field = [&fields](std::string_view name) -> std::string_view {
    auto at = fields.find(name);
    return at == fields.end() ? std::string_view() : at->second;
  };
  CHECK_FALSE(reader->take(entry, findings));
  fields["_TRANSPORT"] = "kernel";
  fields["_BOOT_ID"] = "00112233445566778899aabbccddeeff";
  CHECK(reader->take(entry, findings));
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].boot_id == fields["_BOOT_ID"]);
  entry.pid = 12;
  CHECK_FALSE(reader->take(entry, findings));
}
