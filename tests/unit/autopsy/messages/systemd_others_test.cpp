// systemd-coredump, systemd-logind, systemd-sleep, systemd-shutdown.
#include "autopsy/messages/entries.h"
#include "autopsy/messages/readers.h"
#include "catch.h"

using namespace stapkill;

namespace {

using Kind = Finding::Kind;

std::vector<Finding> read(const std::vector<TestEntry>& entries) {
  return read_all(systemd_messages_reader(), entries);
}

Finding said(const std::string& program, const std::string& message) {
  INFO(message);
  auto findings = read({line(program, 900, message)});
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].through == program);
  return findings[0];
}

Fields core_fields() {
  return {{"_TRANSPORT", "journal"},
          {"_PID", "5000"},
          {"_UID", "33"},
          {"_SYSTEMD_UNIT", "systemd-coredump@4-4999-0.service"},
          {"_BOOT_ID", "0123456789abcdef0123456789abcdef"},
          {"MESSAGE_ID", "fc2e22bc6ee647b6b90729ab34a250b1"},
          {"COREDUMP_PID", "1234"},
          {"COREDUMP_UID", "33"},
          {"COREDUMP_COMM", "nginx"},
          {"COREDUMP_EXE", "/usr/sbin/nginx"},
          {"COREDUMP_CMDLINE", "nginx: worker process"},
          {"COREDUMP_SIGNAL", "11"},
          {"COREDUMP_UNIT", "nginx.service"},
          {"COREDUMP_CGROUP", "/system.slice/nginx.service"},
          {"COREDUMP_RLIMIT", "18446744073709551615"},
          {"COREDUMP_TIMESTAMP", "1700000123000000"},
          {"COREDUMP_FILENAME", "/var/lib/systemd/coredump/core.nginx.33.zst"}};
}

const std::string kCoreMessage = "Process 1234 (nginx) of user 33 dumped core.\n\nStack trace of thread 1234:\n#0 …";

}  // namespace

TEST_CASE("systemd-coredump: by fields", "[autopsy]") {
  auto findings = read({journal("systemd-coredump", 5000, kCoreMessage, core_fields())});
  REQUIRE(findings.size() == 1);
  const auto& core = findings[0];
  CHECK(core.kind == Kind::core);
  CHECK(core.subject.pid == 1234);
  CHECK(core.subject.comm == "nginx");
  CHECK(core.subject.exe == "/usr/sbin/nginx");
  CHECK(core.subject.cmdline == "nginx: worker process");
  CHECK(core.subject.uid == 33);
  CHECK(core.subject.unit == "nginx.service");
  CHECK(core.subject.cgroup == "/system.slice/nginx.service");
  CHECK(core.signal == 11);
  CHECK(core.time == 1'700'000'123'000'000'000);
  CHECK(core.doubt == 1'000'000'000);
  CHECK(core.reason == "core in /var/lib/systemd/coredump/core.nginx.33.zst");
  CHECK(core.boot_id == "0123456789abcdef0123456789abcdef");
}

TEST_CASE("systemd-coredump: fields that are missing or wrong", "[autopsy]") {
  auto fields = core_fields();
  fields.erase("COREDUMP_UNIT");
  fields["COREDUMP_USER_UNIT"] = "app.service";
  fields["COREDUMP_TIMESTAMP"] = "99999999999999999999";
  fields["COREDUMP_SIGNAL"] = "4000";
  fields["COREDUMP_TRUNCATED"] = "1";
  auto findings = read({journal("systemd-coredump", 5000, kCoreMessage, fields)});
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].subject.unit == "app.service");
  CHECK(findings[0].time == kEntryTime);
  CHECK(findings[0].signal == 64);
  CHECK(findings[0].reason.ends_with(", truncated"));
}

TEST_CASE("systemd-coredump: by its words", "[autopsy]") {
  auto core = said("systemd-coredump", "Process 1234 (nginx) of user 33 dumped core.");
  CHECK(core.kind == Kind::core);
  CHECK(core.subject.pid == 1234);
  CHECK(core.subject.comm == "nginx");
  CHECK(core.subject.uid == 33);
  CHECK(core.signal == 0);
  core = said("systemd-coredump",
              "Process 77 (x) of user 1000 terminated abnormally with signal 11/SEGV, processing...");  // 256
  CHECK(core.signal == 11);
  CHECK(said("systemd-coredump", "Process 77 (x) of user 0 terminated abnormally without generating a coredump.")
            .reason == "no core was written");
  core = said("systemd-coredump", "Resource limits disable core dumping for process 42 (a b).");
  CHECK(core.subject.pid == 42);
  CHECK(core.subject.comm == "a b");
  CHECK(!core.subject.uid);
  // A comm with the words in it.
  CHECK(said("systemd-coredump", "Process 5 (1) of user 0 d) of user 33 dumped core.").subject.comm ==
        "1) of user 0 d");
}

TEST_CASE("systemd-coredump: who wrote it", "[autopsy]") {
  auto count = [](Fields change) {
    auto fields = core_fields();
    for (auto& [name, value] : change) fields[name] = value;
    return read({journal("systemd-coredump", 5000, kCoreMessage, fields)}).size();
  };
  CHECK(count({}) == 1);
  CHECK(count({{"_SYSTEMD_UNIT", ""}, {"_UID", "0"}}) == 1);
  // A user, with all fields of his own choice.
  CHECK(count({{"_SYSTEMD_UNIT", "session-3.scope"}}) == 0);
  CHECK(count({{"_SYSTEMD_UNIT", "session-3.scope"}, {"_EXE", "/usr/lib/systemd/systemd-coredump"}}) == 0);
  CHECK(count({{"_SYSTEMD_UNIT", "user@33.service"}, {"_COMM", "systemd-coredum"}}) == 0);
  // 219: the kernel's helper, in no unit or session.
  CHECK(count({{"_SYSTEMD_UNIT", ""}, {"_EXE", "/usr/lib/systemd/systemd-coredump"}}) == 1);
  CHECK(count({{"_SYSTEMD_UNIT", ""}, {"_EXE", "/usr/lib/systemd/systemd-coredump"}, {"_AUDIT_LOGINUID", "33"}}) == 0);
  CHECK(count({{"_SYSTEMD_UNIT", ""}}) == 0);
}

TEST_CASE("logind: sessions and shutdowns", "[autopsy]") {
  auto found = said("systemd-logind", "New session 3 of user alice.");
  CHECK(found.kind == Kind::login);
  CHECK(found.actor.user == "alice");
  CHECK(found.subject.unit == "session-3.scope");
  found = said("systemd-logind", "New session '17' of user 'alice' with class 'user' and type 'tty'.");  // 257
  CHECK(found.actor.user == "alice");
  CHECK(found.reason == "session 17 began");
  CHECK(said("systemd-logind", "Session 3 logged out. Waiting for processes to exit.").subject.unit ==
        "session-3.scope");
  CHECK(said("systemd-logind", "Removed session c2.").subject.unit == "session-c2.scope");
  CHECK(said("systemd-logind", "System is rebooting.").kind == Kind::shutdown);
  CHECK(said("systemd-logind", "System is powering down.").reason == "logind: the system is powering down");
  CHECK(said("systemd-logind", "System is rebooting (kernel update).").kind == Kind::shutdown);
  auto findings =
      read({journal("systemd-logind", 800, "New session 3 of user alice.",
                    {{"_UID", "0"}, {"_PID", "800"}, {"LEADER", "4242"}, {"USER_ID", "alice"}, {"SESSION_ID", "3"}})});
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].actor.pid == 4242);
  CHECK(read({journal("systemd-logind", 800, "System is rebooting.", {{"_UID", "1000"}, {"_PID", "800"}})}).empty());
}

TEST_CASE("systemd-shutdown and systemd-sleep", "[autopsy]") {
  auto found = said("systemd-shutdown", "Sending SIGTERM to remaining processes...");
  CHECK(found.kind == Kind::shutdown);
  CHECK(found.signal == 15);
  CHECK(said("systemd-shutdown", "Sending SIGKILL to remaining processes...").signal == 9);
  found = said("systemd-shutdown", "Sending SIGKILL to PID 812 (qemu).");
  CHECK(found.subject.pid == 812);
  CHECK(found.subject.comm == "qemu");
  CHECK(read({line("kernel", 0, "systemd-shutdown[1]: Sending SIGKILL to remaining processes...")}).size() == 1);
  for (const char* message :
       {"Suspending system...", "Entering sleep state 'suspend'...", "Performing sleep operation 'suspend'...",
        "System resumed.", "System returned from sleep state.", "System returned from sleep operation 'suspend'."})
    CHECK(said("systemd-sleep", message).kind == Kind::sleep);
  // Words of one program are no words of another.
  CHECK(read({line("systemd-sleep", 1, "System is rebooting.")}).empty());
}
