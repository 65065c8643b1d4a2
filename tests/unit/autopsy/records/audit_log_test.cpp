#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <limits>

#include "autopsy/records/audit_file.h"
#include "autopsy/records/read_records.h"
#include "catch.h"
#include "temporary.h"

using namespace stapkill;

namespace {

using Kind = Finding::Kind;

const std::string kCall =
    R"(type=SYSCALL msg=audit(1700000000.123:456): arch=c000003e syscall=62 success=yes exit=0 a0=7d0 a1=9 a2=0 a3=0 items=0 ppid=10 pid=20 auid=1000 uid=0 gid=0 euid=0 tty=pts0 ses=3 comm="bash" exe="/usr/bin/bash" key="kills")"
    "\n";
const std::string kTarget =
    R"(type=OBJ_PID msg=audit(1700000000.123:456): opid=2000 oauid=1001 ouid=33 oses=4 ocomm="nginx")"
    "\n";
const std::string kTitle = "type=PROCTITLE msg=audit(1700000000.123:456): proctitle=6B696C6C002D390032303030\n";
const std::string kEnd = "type=EOE msg=audit(1700000000.123:456): \n";

std::vector<Finding> read(const std::string& text) {
  return read_audit_text(text, "audit.log").findings;
}

std::string call(const std::string& stamp, const std::string& rest) {
  return "type=SYSCALL msg=audit(" + stamp + "): arch=c000003e " + rest +
         " ppid=1 pid=20 auid=4294967295 uid=0 tty=(none) comm=\"a\" exe=\"/a\" key=(null)\n";
}
std::string target(const std::string& stamp, int pid) {
  return "type=OBJ_PID msg=audit(" + stamp + "): opid=" + std::to_string(pid) +
         " oauid=-1 ouid=0 oses=-1 ocomm=\"b\"\n";
}

Finding one(const std::string& line) {
  auto found = read(line + "\n");
  INFO(line);
  REQUIRE(found.size() == 1);
  return found[0];
}

Scope scope_of(const std::string& root, Time since, Time until) {
  Scope scope;
  scope.files = HostFiles(root);
  scope.since = since;
  scope.until = until;
  scope.now = until;
  return scope;
}

void write(const std::string& path, const std::string& bytes) {
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  std::ofstream(path, std::ios::binary) << bytes;
}

constexpr Time kSecond = 1'000'000'000;
constexpr Time kThen = 1'700'000'000 * kSecond;

}  // namespace

TEST_CASE("audit: a call of kill(2) with its target", "[autopsy][audit]") {
  auto found = read(kCall + kTarget + kTitle + kEnd);
  REQUIRE(found.size() == 1);
  const auto& sent = found[0];
  CHECK(sent.kind == Kind::signal_call);
  CHECK(sent.time == 1'700'000'000'123'000'000);
  CHECK(sent.doubt > 0);
  CHECK(sent.signal == 9);
  CHECK(sent.through == "kill(2)");
  CHECK_FALSE(sent.failed);
  CHECK_FALSE(sent.self);
  CHECK(sent.actor.pid == 20);
  CHECK(sent.actor.parent == 10);
  CHECK(sent.actor.uid == 0);
  CHECK(sent.actor.loginuid == 1000);
  CHECK(sent.actor.tty == "pts0");
  CHECK(sent.actor.comm == "bash");
  CHECK(sent.actor.exe == "/usr/bin/bash");
  CHECK(sent.actor.cmdline == "kill -9 2000");
  CHECK(sent.subject.pid == 2000);
  CHECK(sent.subject.comm == "nginx");
  CHECK(sent.subject.uid == 33);
  CHECK(sent.subject.loginuid == 1001);
  CHECK(sent.source == "audit");
  CHECK(sent.place == "audit event 1700000000.123:456");
  CHECK(sent.quote + "\n" == kCall);
  // ausearch prints an event's records in reverse; a log can end before EOE.
  CHECK(read("----\ntime->Tue Nov 14 22:13:20 2023\n" + kTitle + kTarget + kCall).size() == 1);
  CHECK(read(kCall).empty());
  CHECK(read(kTarget + kTitle + kEnd).empty());
}

TEST_CASE("audit: the signal's argument differs per call", "[autopsy][audit]") {
  auto signal = [](const std::string& rest) {
    auto found = read(call("5.001:1", rest) + target("5.001:1", 30));
    return found.size() == 1 ? found[0].signal : -1;
  };
  CHECK(signal("syscall=62 success=yes exit=0 a0=1e a1=f a2=9 a3=0") == 15);
  CHECK(signal("syscall=234 success=yes exit=0 a0=1e a1=1f a2=6 a3=0") == 6);
  CHECK(signal("syscall=200 success=yes exit=0 a0=1f a1=6 a2=9 a3=0") == 6);
  CHECK(signal("syscall=297 success=yes exit=0 a0=1e a1=1f a2=22 a3=0") == 34);
  CHECK(signal("syscall=424 success=yes exit=0 a0=3 a1=9 a2=0 a3=0") == 9);
  // Upper bits of the register do not count; 0 and -1 are no signals; read(2) sends none.
  CHECK(signal("syscall=62 success=yes exit=0 a0=1e a1=ffffffff00000009") == 9);
  CHECK(signal("syscall=62 success=yes exit=0 a0=1e a1=0") == -1);
  CHECK(signal("syscall=62 success=no exit=-22 a0=1e a1=ffffffff") == -1);
  CHECK(signal("syscall=0 success=yes exit=0 a0=1e a1=9") == -1);
}

TEST_CASE("audit: calls that fail, to oneself, to a group", "[autopsy][audit]") {
  auto found = read(call("5.001:1", "syscall=62 success=no exit=-1 a0=1e a1=9") + target("5.001:1", 30));
  REQUIRE(found.size() == 1);
  CHECK(found[0].failed);
  found = read(kCall + kTarget + "type=PROCTITLE msg=audit(1700000000.123:456): proctitle=\"(null)\"\n");
  CHECK(found[0].actor.cmdline.empty());
  // raise(SIGKILL) need not return: no "success=".
  found = read(call("5.001:1", "syscall=62 a0=14 a1=9") + target("5.001:1", 20));
  REQUIRE(found.size() == 1);
  CHECK(found[0].self);
  CHECK_FALSE(found[0].failed);
  CHECK_FALSE(found[0].actor.loginuid);
  CHECK_FALSE(found[0].subject.loginuid);
  found = read(call("5.001:1", "syscall=62 success=yes exit=0 a0=fffffff0 a1=f") + target("5.001:1", 30) +
               target("5.001:1", 31) + target("5.001:1", 20));
  REQUIRE(found.size() == 3);
  CHECK(found[0].subject.pid == 30);
  CHECK(found[1].subject.pid == 31);
  CHECK(found[2].self);
  CHECK(found[0].reason.find("3 processes") != std::string::npos);
}

TEST_CASE("audit: a thread's own call before 4.9", "[autopsy][audit]") {
  // pid= is the thread's id there: tgkill(19, 20, SIGABRT) by thread 20 of group 19.
  auto text = [](const char* comm) {
    return call("5.001:1", "syscall=234 success=yes exit=0 a0=13 a1=14 a2=6") +
           "type=OBJ_PID msg=audit(5.001:1): opid=19 ouid=0 ocomm=\"" + comm + "\"\n";
  };
  CHECK(read(text("a"))[0].self);
  CHECK_FALSE(read(text("other"))[0].self);
}

TEST_CASE("audit: interleaved events, of two nodes with the same serial", "[autopsy][audit]") {
  auto found = read(call("5.001:1", "syscall=62 success=yes exit=0 a1=9") +
                    call("5.001:2", "syscall=62 success=yes exit=0 a1=f") + "node=db1 " +
                    call("5.001:1", "syscall=62 success=yes exit=0 a1=1") + target("5.001:2", 32) + "node=db1 " +
                    target("5.001:1", 33) + target("5.001:1", 31));
  REQUIRE(found.size() == 3);
  CHECK((found[0].subject.pid == 31 && found[0].signal == 9));
  CHECK((found[1].subject.pid == 32 && found[1].signal == 15));
  CHECK((found[2].subject.pid == 33 && found[2].signal == 1));
  // Too many for a reading: the newest.
  std::string abends;
  for (int i = 1; i <= 50'000; ++i)
    abends += "type=ANOM_ABEND msg=audit(5.001:1): pid=" + std::to_string(i) + " sig=6 res=1\n";
  auto reading = read_audit_text(abends, "audit.log");
  CHECK(reading.findings.size() <= 40'000);
  CHECK(reading.findings.back().subject.pid == 50'000);
  CHECK(reading.notes[0].state == SourceNote::State::cut);
  // Many open events: none is lost.
  std::string text;
  for (int i = 0; i < 2000; ++i)
    text += call("5.001:" + std::to_string(i + 1), "syscall=62 success=yes exit=0 a1=9") +
            target("5.001:" + std::to_string(i + 1), i + 100);
  CHECK(read(text).size() == 2000);
}

TEST_CASE("audit: enriched, by names alone", "[autopsy][audit]") {
  auto found = read(
      "type=SYSCALL msg=audit(5.001:1): arch=c00000b7 syscall=129 success=yes exit=0 a0=1e a1=9 ppid=1 pid=20 "
      "auid=1000 uid=0 comm=\"a\" "
      "exe=\"/a\" key=(null)\x1d"
      "ARCH=aarch64 SYSCALL=kill AUID=\"ops\" UID=\"root\"\n" +
      std::string("type=OBJ_PID msg=audit(5.001:1): opid=30 ouid=33 ocomm=\"b\"\x1dOUID=\"www\"\n"));
  REQUIRE(found.size() == 1);
  CHECK(found[0].actor.user == "root");
  CHECK(found[0].subject.user == "www");
  CHECK(found[0].quote.find('\x1d') == std::string::npos);
}

TEST_CASE("audit: ANOM_ABEND", "[autopsy][audit]") {
  // 4.17 and later: the thread group's id.
  auto found = one(
      R"(type=ANOM_ABEND msg=audit(5.001:1): auid=1000 uid=1000 gid=1000 ses=1 subj=unconfined pid=77 comm="app" exe="/opt/my" sig=11 res=1)");
  CHECK(found.kind == Kind::abnormal_end);
  CHECK(found.signal == 11);
  CHECK(found.subject.pid == 77);
  CHECK(found.subject.comm == "app");
  CHECK(found.subject.exe == "/opt/my");
  CHECK(found.subject.loginuid == 1000);
  // 3.10: a thread's.
  found = one(
      R"(type=ANOM_ABEND msg=audit(5.001:1): auid=4294967295 uid=0 gid=0 ses=4294967295 pid=77 comm="app" reason="memory violation" sig=6)");
  CHECK(found.subject.pid == 0);
  CHECK(found.subject.tid == 77);
  CHECK(read("type=ANOM_ABEND msg=audit(5.001:1): pid=77 comm=\"a\"\n").empty());
}

TEST_CASE("audit: SECCOMP", "[autopsy][audit]") {
  const std::string before =
      R"(type=SECCOMP msg=audit(5.001:1): auid=1000 uid=1000 gid=1000 ses=1 pid=77 comm="app" exe="/a" )";
  auto found = one(before +
                   "sig=31 arch=c000003e syscall=41 compat=0 ip=0x7f code=0x80000000\x1d"
                   "SYSCALL=socket");
  CHECK(found.kind == Kind::seccomp);
  CHECK(found.signal == 31);
  CHECK(found.subject.pid == 77);
  CHECK(found.reason == "seccomp filter: end the process, system call 41 (socket)");
  found = one(before + "sig=31 arch=c000003e syscall=41 compat=0 ip=0x7f code=0x0");
  CHECK(found.reason == "seccomp filter: end the thread, system call 41");
  CHECK(found.subject.tid == 77);
  CHECK(found.subject.pid == 0);
  // A trap may be handled; a logged or refused call ends nothing.
  CHECK(one(before + "sig=0 arch=c000003e syscall=41 compat=0 ip=0x7f code=0x30000").kind == Kind::note);
  CHECK(read(before + "sig=0 arch=c000003e syscall=41 compat=0 ip=0x7f code=0x7ffc0000\n").empty());
  CHECK(read(before + "sig=0 arch=c000003e syscall=41 compat=0 ip=0x7f code=0x50001\n").empty());
}

TEST_CASE("audit: services, commands, boots, audit itself", "[autopsy][audit]") {
  auto service = [](const std::string& type, const std::string& ids, const std::string& res) {
    return one("type=" + type + " msg=audit(5.001:1): " + ids +
               " ses=4294967295 subj=unconfined msg='unit=cafe comm=\"systemd\" exe=\"/usr/lib/systemd/systemd\" "
               "hostname=? addr=? terminal=? res=" +
               res + "'");
  };
  auto found = service("SERVICE_STOP", "pid=1 uid=0 auid=4294967295", "success");
  CHECK(found.kind == Kind::unit_result);
  CHECK(found.subject.unit == "cafe.service");
  CHECK_FALSE(found.actor.loginuid);
  CHECK(service("SERVICE_STOP", "pid=1 uid=0 auid=4294967295", "failed").reason == "the service failed");
  CHECK(service("SERVICE_START", "pid=1 uid=0 auid=4294967295", "success").kind == Kind::unit_start);
  found = service("SERVICE_STOP", "pid=700 uid=0 auid=1000", "success");
  CHECK(found.kind == Kind::unit_stop);
  CHECK(found.actor.loginuid == 1000);

  found = one(
      R"(type=USER_CMD msg=audit(5.001:1): pid=700 uid=1000 auid=1000 ses=1 msg='cwd="/root" cmd=6B696C6C202D39203432 exe="/usr/bin/sudo" terminal=pts/0 res=success'UID="ops")");
  CHECK(found.kind == Kind::command);
  CHECK(found.actor.cmdline == "kill -9 42");
  CHECK(found.actor.tty == "pts/0");
  CHECK(found.quote.find("6B69") == std::string::npos);
  CHECK(one("type=SYSTEM_SHUTDOWN msg=audit(5.001:1): pid=1 uid=0 auid=4294967295 msg=' comm=\"systemd-update-utmp\" "
            "res=success'")
            .kind == Kind::shutdown);
  CHECK(one("type=SYSTEM_BOOT msg=audit(5.001:1): pid=1 uid=0 auid=4294967295 msg=' comm=\"systemd-update-utmp\" "
            "res=success'")
            .kind == Kind::boot);
  found =
      one("type=DAEMON_END msg=audit(5.001:1): op=terminate auid=1000 uid=0 ses=1 pid=5 subj=unconfined res=success");
  CHECK(found.kind == Kind::note);
  CHECK(found.actor.loginuid == 1000);
}

TEST_CASE("audit: LAUREL's lines", "[autopsy][audit]") {
  auto found = read(
      R"({"ID":"5.001:1","SYSCALL":{"syscall":62,"arch":"0xc000003e","success":"yes","pid":20,"uid":0,"comm":"bash","ARGV":["0x1e","0x9","0x0","0x0"]},"OBJ_PID":[{"opid":30,"ocomm":"b"}],"PROCTITLE":{"ARGV":["kill","-9","30"]}}
{"ID":"5.002:2","SYSCALL":{"SYSCALL":"kill","success":"no","pid":20,"ARGV":["0x1e","0xf"]},"OBJ_PID":[{"opid":31}]}
)");
  REQUIRE(found.size() == 2);
  CHECK(found[0].signal == 9);
  CHECK(found[0].actor.cmdline == "kill -9 30");
  CHECK(found[1].failed);
  CHECK(found[1].signal == 15);
  found = read(
      R"({"ID":"5.001:1","USER_CMD":{"pid":20,"uid":1000,"cwd":"/home/x","cmd":"kill -9 30","exe":"/usr/bin/sudo","res":"success"}}
{"ID":"5.002:2","USER_CMD":{"pid":21,"uid":1000,"cwd":"/home/x\"y %41","cmd":"id","exe":"/usr/bin/sudo","res":"success"}}
)");
  REQUIRE(found.size() == 2);
  CHECK(found[0].actor.cmdline == "kill -9 30");
  CHECK(found[0].quote.find(R"(cwd="/home/x" exe="/usr/bin/sudo")") != std::string::npos);
  CHECK(found[1].quote.find("cwd=2F686F6D652F78227920") != std::string::npos);
}

TEST_CASE("looks_like_audit", "[autopsy][audit]") {
  CHECK(looks_like_audit(kCall));
  CHECK(looks_like_audit("node=web1 " + kCall));
  CHECK(looks_like_audit("----\ntime->Tue Nov 14 22:13:20 2023\n" + kTitle));
  CHECK(looks_like_audit("{\"ID\":\"5.001:1\",\"EOE\":{}}\n"));
  CHECK_FALSE(looks_like_audit(""));
  CHECK_FALSE(looks_like_audit("type=x\n"));
  CHECK_FALSE(looks_like_audit("Nov 14 22:13:20 web1 kernel: audit: type=1326 audit(5.001:1): x\n"));
  CHECK_FALSE(looks_like_audit("{\"ID\":\"five\"}"));
  CHECK(read_audit_text("nothing\n", "x").notes[0].state == SourceNote::State::broken);
}

TEST_CASE("read_audit: rotated files in the scope", "[autopsy][audit]") {
  Temporary folder;
  const auto root = folder.path().string();
  auto event = [](Time seconds, int pid) {
    auto stamp = std::to_string(seconds) + ".000:" + std::to_string(pid);
    return call(stamp, "syscall=62 success=yes exit=0 a1=9") + target(stamp, pid);
  };
  write(root + "/var/log/audit/audit.log", event(1'700'000'300, 30) + event(1'700'000'400, 40));
  write(root + "/var/log/audit/audit.log.1", event(1'700'000'100, 10) + event(1'700'000'200, 20));
  write(root + "/var/log/audit/audit.log.2", event(1'699'990'000, 5));
  write(root + "/var/log/audit/audit.log.3.gz", "x");
  auto reading = read_audit(scope_of(root, kThen + 150 * kSecond, kThen + 350 * kSecond));
  REQUIRE(reading.findings.size() == 2);
  CHECK(reading.findings[0].subject.pid == 30);
  CHECK(reading.findings[1].subject.pid == 20);
  // The second one begins before the scope: the third is not opened.
  REQUIRE(reading.notes.size() == 3);
  CHECK(reading.notes[0].path == "/var/log/audit/audit.log");
  CHECK(reading.notes[0].state == SourceNote::State::read);
  CHECK(reading.notes[0].since == kThen + 300 * kSecond);
  CHECK(reading.notes[0].until == kThen + 350 * kSecond);
  CHECK(reading.notes[1].since == kThen + 150 * kSecond);
  CHECK(reading.notes[2].state == SourceNote::State::cut);
}

TEST_CASE("read_audit: a large file is entered by its stamps", "[autopsy][audit]") {
  Temporary folder;
  const auto path = folder.path().string() + "/audit.log";
  std::string text;
  for (int i = 0; i < 20'000; ++i) {
    auto stamp = std::to_string(1'700'000'000 + i) + ".000:" + std::to_string(i + 1);
    text += call(stamp, "syscall=62 success=yes exit=0 a1=9") + target(stamp, i + 1);
  }
  write(path, text);
  int error = 0;
  auto scope = scope_of("", kThen + 15'000 * kSecond, kThen + 15'010 * kSecond);
  auto file = scope.files.open(path, error);
  REQUIRE(file);
  std::vector<Finding> findings;
  auto part = read_audit_file(file.get(), scope, 64u << 20, findings);
  CHECK(findings.size() == 11);
  CHECK(part.first > kThen + 14'000 * kSecond);  // not read from its start
  CHECK_FALSE(part.older_left_out);
  // A small limit: the newest bytes.
  scope.since = kThen;
  scope.until = kThen + 30'000 * kSecond;
  findings.clear();
  part = read_audit_file(file.get(), scope, 100'000, findings);
  CHECK(part.older_left_out);
  CHECK(findings.size() > 100);
  CHECK(findings.back().subject.pid == 20'000);
  // No time left.
  scope.deadline = std::chrono::steady_clock::time_point::min();
  CHECK(read_audit_file(file.get(), scope, 64u << 20, findings).late);
  // Times without an end do not overflow.
  scope.since = std::numeric_limits<Time>::min();
  scope.until = std::numeric_limits<Time>::max();
  scope.deadline = std::chrono::steady_clock::time_point::max();
  findings.clear();
  read_audit_file(file.get(), scope, 64u << 20, findings);
  CHECK(findings.size() == 20'000);
}

TEST_CASE("read_audit: none, not permitted, LAUREL alone", "[autopsy][audit]") {
  Temporary folder;
  auto scope = scope_of(folder.path().string(), 0, kThen * 2);
  auto reading = read_audit(scope);
  REQUIRE(reading.notes.size() == 1);
  CHECK(reading.notes[0].state == SourceNote::State::absent);
  write(folder.path().string() + "/var/log/laurel/audit.log",
        R"({"ID":"5.001:1","ANOM_ABEND":[{"pid":7,"sig":11,"res":1,"comm":"x"}]})"
        "\n");
  reading = read_audit(scope);
  REQUIRE(reading.findings.size() == 1);
  CHECK(reading.findings[0].subject.pid == 7);
  REQUIRE(reading.notes.size() == 1);
  CHECK(reading.notes[0].state == SourceNote::State::read);
  if (::geteuid() == 0) return;  // root may read all
  std::filesystem::create_directories(folder.path().string() + "/var/log/audit");
  ::chmod((folder.path().string() + "/var/log/audit").c_str(), 0);
  reading = read_audit(scope);
  ::chmod((folder.path().string() + "/var/log/audit").c_str(), 0700);
  CHECK(reading.notes[0].state == SourceNote::State::not_permitted);
}
