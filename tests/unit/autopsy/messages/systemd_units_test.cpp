#include "autopsy/messages/entries.h"
#include "autopsy/messages/readers.h"
#include "autopsy/messages/systemd_unit_rows.h"
#include "catch.h"

using namespace stapkill;

namespace {

using Kind = Finding::Kind;

std::vector<Finding> read(const std::vector<TestEntry>& entries) {
  return read_all(systemd_messages_reader(), entries);
}

/// The only finding of one message of pid 1, in a text.
Finding said(const std::string& message) {
  INFO(message);
  auto findings = read({line("systemd", 1, message)});
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].through == "systemd");
  return findings[0];
}

bool is_silent(const std::string& message) {
  return read({line("systemd", 1, message)}).empty();
}

const std::string kId = "25a38b5b8d556d7983d975577f5ac75ebbcfb4b269e6deaa0a0440c1ffc969ca";

}  // namespace

TEST_CASE("systemd's units: the patterns are right", "[autopsy]") {
  CHECK(unit_rows_ok());
}

TEST_CASE("systemd's units: the end of a process", "[autopsy]") {
  struct Case {
    const char* message;
    int signal;
    std::optional<int> status;
  };
  for (const auto& [message, signal, status] : {
           Case{"web.service: Main process exited, code=killed, status=9/KILL", 9, std::nullopt},  // 232 and later
           Case{"web.service: main process exited, code=killed, status=9/KILL", 9, std::nullopt},  // 219
           Case{"web.service: Main process exited, code=dumped, status=11/SEGV", 11, std::nullopt},
           Case{"web.service: Main process exited, code=exited, status=143/n/a", 0, 143},
           Case{"web.service: Main process exited, code=exited, status=1/FAILURE", 0, 1},
           Case{"web.service: Control process exited, code=exited, status=203/EXEC", 0, 203},
           Case{"web.service: Control process exited, code=exited status=1", 0, 1},                  // 232, 239
           Case{"web.service: control process exited, code=killed status=15", 15, std::nullopt},     // 219
           Case{"web.service: Main process exited, code=exited, status=0/SUCCESS (success)", 0, 0},  // 252, debug
       }) {
    auto found = said(message);
    CHECK(found.kind == Kind::unit_process);
    CHECK(found.subject.unit == "web.service");
    CHECK(found.subject.pid == 0);
    CHECK(found.signal == signal);
    CHECK(found.status == status);
    CHECK(found.actor == Party{});
  }
  CHECK(said("web.service: Main process exited, code=killed, status=9/KILL").reason == "Main process, code=killed");
}

TEST_CASE("systemd's units: an end by fields", "[autopsy]") {
  auto fields = of_init({{"UNIT", "web.service"},
                         {"MESSAGE_ID", "98e322203f7a4ed290d09fe03c09fe15"},
                         {"EXIT_CODE", "killed"},
                         {"EXIT_STATUS", "9"},
                         {"COMMAND", "ExecStart"}});
  auto findings = read({journal("systemd", 1, "web.service: Main process exited, code=killed, status=9/KILL", fields),
                        // A text that no row knows.
                        journal("systemd", 1, "web.service: The main one went away", fields)});
  REQUIRE(findings.size() == 2);
  for (const auto& found : findings) {
    CHECK(found.kind == Kind::unit_process);
    CHECK(found.signal == 9);
    CHECK(found.subject.unit == "web.service");
    CHECK(found.reason.find("(ExecStart)") != std::string::npos);
    CHECK(found.source == "journal");
  }
}

TEST_CASE("systemd's units: results", "[autopsy]") {
  for (const char* result : {"oom-kill", "signal", "timeout", "watchdog", "exit-code", "core-dump", "protocol",
                             "start-limit-hit", "resources"}) {
    auto found = said("web.service: Failed with result '" + std::string(result) + "'.");
    CHECK(found.kind == Kind::unit_result);
    CHECK(found.reason == result);
  }
  for (const char* message : {"Unit web.service entered failed state.", "web.service failed.",  // 219
                              "web.service: Unit entered failed state."}) {                     // 229, 232
    auto found = said(message);
    CHECK(found.kind == Kind::unit_result);
    CHECK(found.reason == "failed");
    CHECK(found.subject.unit == "web.service");
  }
  CHECK(said("web.service: Succeeded.").reason == "success");                 // 241 to 247
  CHECK(said("web.service: Deactivated successfully.").reason == "success");  // 249 and later
  CHECK(said("web.service: Deactivated successfully.").kind == Kind::unit_result);
}

TEST_CASE("systemd's units: out of memory", "[autopsy]") {
  for (const char* words : {"A process of this unit has been killed by the OOM killer.",     // 243 to 256
                            "The kernel OOM killer killed some processes in this unit."}) {  // 257
    auto found = said("cri-containerd-" + kId + ".scope: " + words);
    CHECK(found.kind == Kind::unit_oom);
    CHECK(found.subject.unit == "cri-containerd-" + kId + ".scope");
    CHECK(found.subject.container == kId);
  }
  auto found = said("web.service: systemd-oomd killed 12 process(es) in this unit.");
  CHECK(found.kind == Kind::userspace_oom);
  CHECK(found.actor.comm == "systemd-oomd");
  CHECK(found.subject.unit == "web.service");
  CHECK(said("web.service: systemd-oomd killed some process(es) in this unit.").kind == Kind::userspace_oom);
}

TEST_CASE("systemd's units: signals that it sends", "[autopsy]") {
  auto found = said("web.service: Killing process 1234 (nginx) with signal SIGKILL.");
  CHECK(found.kind == Kind::unit_kill);
  CHECK(found.subject.pid == 1234);
  CHECK(found.subject.comm == "nginx");
  CHECK(found.signal == 9);
  CHECK(found.actor.pid == 1);
  CHECK(found.actor.comm == "systemd");
  CHECK(said("web.service: Killing process 1234 (n/a) with signal SIGRTMIN+3.").signal == 37);

  // A comm that holds the words itself.
  found = said("web.service: Killing process 1234 (a) with signal) with signal SIGABRT.");
  CHECK(found.subject.comm == "a) with signal");
  CHECK(found.signal == 6);

  // 249 and later
  found = said("web.service: Sent signal SIGHUP to main process 1234 (nginx) on client request.");
  CHECK(found.kind == Kind::unit_kill);
  CHECK(found.signal == 1);
  CHECK(found.subject.pid == 1234);
  CHECK(found.reason == "a client of systemd asked for it");
  CHECK(said("web.service: Sending signal SIGTERM to process 77 (x y) on client request.").subject.comm == "x y");

  found = said("web.service: Failed to kill main process 1234 (sudo), ignoring: Operation not permitted");
  CHECK(found.kind == Kind::note);
  CHECK(found.subject.pid == 1234);
}

TEST_CASE("systemd's units: limits", "[autopsy]") {
  for (const char* message : {
           "web.service stop-sigterm timed out. Killing.",            // 219
           "web.service: State 'stop-sigterm' timed out. Killing.",   // 232 and later
           "web.service: State 'final-sigterm' timed out. Killing.",  // 245 and later
           "web.service: State 'stop-watchdog' timed out. Killing.",
           "web.service: Stopping timed out. Terminating.",
           "session-3.scope: Stopping timed out. Killing.",
           "web.service start operation timed out. Terminating.",   // 219
           "web.service: Start operation timed out. Terminating.",  // 232
           "web.service: start operation timed out. Terminating.",  // 252
           "web.service: start-pre operation timed out. Killing.",
           "web.service: Reload operation timed out. Killing reload process.",
           "data.mount: Unmounting timed out. Terminating.",
           "web.service: Watchdog timeout (limit 30s)!",
           "web.service watchdog timeout (limit 1min 30s)!",  // 219
           "web.service: Service reached runtime time limit. Stopping.",
           "run-r12.scope: Scope reached runtime time limit. Stopping.",
       }) {
    auto found = said(message);
    CHECK(found.kind == Kind::unit_limit);
    CHECK(!found.reason.empty());
    CHECK(found.signal == 0);
  }
  CHECK(said("web.service: Watchdog timeout (limit 30s)!").reason.find("30s") != std::string::npos);
  CHECK(said("web.service: State 'stop-sigterm' timed out. Skipping SIGKILL.").kind == Kind::note);
  CHECK(is_silent("web.service: Watchdog disabled! Ignoring watchdog timeout (limit 30s)!"));
}

TEST_CASE("systemd's units: jobs", "[autopsy]") {
  // 250 and later: with the unit's name.
  auto found = said("Stopping web.service - A web server...");
  CHECK(found.kind == Kind::unit_stop);
  CHECK(found.subject.unit == "web.service");
  CHECK(found.actor.pid == 1);
  // Before: its description alone.
  found = said("Stopping A web server...");
  CHECK(found.kind == Kind::unit_stop);
  CHECK(found.subject.unit.empty());
  CHECK(found.reason == "a stop job began: A web server");
  found = said("Started web.service.");
  CHECK(found.kind == Kind::unit_start);
  CHECK(found.subject.unit == "web.service");
  // What is no unit's name does not become one.
  CHECK(said("Stopping web.service the old one...").subject.unit.empty());
  CHECK(said("Stopping web service - x.service...").subject.unit.empty());
  // A restart after a failure has this too.
  CHECK(said("Stopped web.service - A web server.").kind == Kind::unit_result);
  CHECK(said("Stopped (with error) A web server.").kind == Kind::unit_result);
  CHECK(said("Failed to start web.service - A web server.").kind == Kind::unit_result);
  CHECK(said("Timed out stoppping A web server.").kind == Kind::unit_limit);  // 219's spelling
  CHECK(is_silent("Starting logrotate.timer - Daily rotation..."));

  auto by_field =
      read({journal("systemd", 1, "Stopping A web server...",
                    of_init({{"UNIT", "web.service"}, {"MESSAGE_ID", "de5b426a63be47a7b6ac3eaac82e2f6f"}}))});
  REQUIRE(by_field.size() == 1);
  CHECK(by_field[0].subject.unit == "web.service");
  CHECK(by_field[0].reason == "a stop job began");
  by_field = read({journal("systemd", 1, "Unmounting /data...",
                           of_init({{"UNIT", "data.mount"}, {"MESSAGE_ID", "de5b426a63be47a7b6ac3eaac82e2f6f"}}))});
  REQUIRE(by_field.size() == 1);
  CHECK(by_field[0].kind == Kind::unit_stop);
}

TEST_CASE("systemd's units: dependencies that stop", "[autopsy]") {
  for (const char* message : {"Unit web.service is not needed anymore. Stopping.",   // 219
                              "web.service: Unit not needed anymore. Stopping."}) {  // 232
    auto found = said(message);
    CHECK(found.kind == Kind::unit_stop);
    CHECK(found.subject.unit == "web.service");
  }
  auto found = said("web.service: Unit is bound to inactive unit dev-sdb.device. Stopping, too.");
  CHECK(found.kind == Kind::unit_stop);
  CHECK(found.reason.find("dev-sdb.device") != std::string::npos);
  CHECK(said("Unit web.service is bound to inactive unit. Stopping, too.").kind == Kind::unit_stop);
}

TEST_CASE("systemd's units: the stop job of a restart asks for no end", "[autopsy]") {
  // 219, of a journal: systemd itself restarts what has ended.
  auto fields = of_init({{"UNIT", "web.service"}});
  std::vector<TestEntry> entries = {
      journal("systemd", 1, "web.service: main process exited, code=killed, status=9/KILL", fields),
      journal("systemd", 1, "Unit web.service entered failed state.", fields),
      journal("systemd", 1, "web.service holdoff time over, scheduling restart.", fields),
      journal("systemd", 1, "Stopping A web server...", fields),
      journal("systemd", 1, "Starting A web server...", fields),
      journal("systemd", 1, "Started A web server.", fields),
  };
  auto findings = read(entries);
  REQUIRE(findings.size() == 6);
  for (const auto& found : findings) CHECK(found.kind != Kind::unit_stop);
  // The next one was asked for.
  entries.push_back(journal("systemd", 1, "Stopping A web server...", fields));
  findings = read(entries);
  REQUIRE(findings.size() == 7);
  CHECK(findings[6].kind == Kind::unit_stop);
  // Another unit's restart has no effect on it.
  findings = read({line("systemd", 1, "db.service: Scheduled restart job, restart counter is at 3."),
                   line("systemd", 1, "Stopping web.service - A web server...")});
  REQUIRE(findings.size() == 2);
  CHECK(findings[0].kind == Kind::unit_start);
  CHECK(findings[0].reason == "restart 3 (Restart=)");
  CHECK(findings[1].kind == Kind::unit_stop);
}

TEST_CASE("systemd's units: restarts are scheduled", "[autopsy]") {
  for (const char* message : {"web.service holdoff time over, scheduling restart.",                        // 219
                              "web.service has no holdoff time, scheduling restart.",                      // 219
                              "web.service: Service hold-off time over, scheduling restart.",              // 232
                              "web.service: Service RestartSec=100ms expired, scheduling restart.",        // 239
                              "web.service: Service restart interval 100ms expired, scheduling restart.",  // 255
                              "web.service: Service has no hold-off time (RestartSec=0), scheduling restart.",
                              "web.service: Scheduled restart job, restart counter is at 1."})
    CHECK(said(message).kind == Kind::unit_start);
}

TEST_CASE("systemd's units: what remains of one", "[autopsy]") {
  auto found = said("web.service: Unit process 1234 (worker) remains running after unit stopped.");
  CHECK(found.kind == Kind::note);
  CHECK(found.subject.pid == 1234);
  CHECK(said("web.service: Found left-over process 5 (a b) in control group while starting unit. Ignoring.")
            .subject.comm == "a b");
  CHECK(said("web.service: Consumed 1min 2.300s CPU time, 512.0M memory peak.").reason ==
        "consumed 1min 2.300s CPU time, 512.0M memory peak");
}

TEST_CASE("systemd itself: boot, shutdown, requests", "[autopsy]") {
  CHECK(said("systemd 252.22-1~deb12u1 running in system mode (+PAM +AUDIT)").kind == Kind::boot);
  CHECK(said("Startup finished in 2.1s (kernel) + 5.0s (userspace) = 7.1s.").kind == Kind::boot);
  CHECK(said("Shutting down.").kind == Kind::shutdown);
  for (const char* target : {"Reached target Shutdown.", "Reached target reboot.target - System Reboot.",
                             "Reached target System Power Off.", "Reached target shutdown.target - System Shutdown."})
    CHECK(said(target).kind == Kind::shutdown);
  CHECK(is_silent("Reached target multi-user.target - Multi-User System."));
  auto found = said("Reloading requested from client PID 4711 ('systemctl') (unit web.service)...");
  CHECK(found.kind == Kind::note);
  CHECK(found.actor.pid == 4711);
  CHECK(found.actor.comm == "systemctl");
  found = said("Poweroff requested from client PID 433 ('systemctl')...");
  CHECK(found.kind == Kind::shutdown);
  CHECK(found.actor.pid == 433);
}

TEST_CASE("systemd's units: who wrote it", "[autopsy]") {
  const std::string message = "ssh.service: Killing process 1234 (sshd) with signal SIGKILL.";
  // logger -t systemd, by a user and by root: not pid 1.
  CHECK(read({journal("systemd", 4000, message,
                      {{"_PID", "4000"}, {"_UID", "1000"}, {"_TRANSPORT", "syslog"}, {"_COMM", "logger"}})})
            .empty());
  CHECK(read({journal("systemd", 4000, message,
                      {{"_PID", "4000"}, {"_UID", "0"}, {"_TRANSPORT", "syslog"}, {"_EXE", "/usr/bin/logger"}})})
            .empty());
  // The journal's own SYSLOG_PID is the writer's choice.
  CHECK(read({journal("systemd", 1, message, {{"_PID", "4000"}, {"_UID", "1000"}, {"_TRANSPORT", "syslog"}})}).empty());
  CHECK(read({journal("systemd", 1, message, of_init())}).size() == 1);
  // Early boot: by the kernel's log, which is root's.
  CHECK(read({journal("systemd", 1, message, {{"_TRANSPORT", "kernel"}, {"SYSLOG_PID", "1"}})}).size() == 1);
  CHECK(read({line("kernel", 0, "systemd[1]: " + message)}).size() == 1);
  CHECK(read({line("kernel", 0, "systemd[77]: " + message)}).empty());
  // Another program.
  CHECK(read({line("nginx", 1, message)}).empty());
}

TEST_CASE("systemd's units: a user's manager", "[autopsy]") {
  Fields fields = {{"_PID", "2000"},
                   {"_UID", "1000"},
                   {"_TRANSPORT", "journal"},
                   {"_EXE", "/usr/lib/systemd/systemd"},
                   {"_SYSTEMD_UNIT", "user@1000.service"},
                   {"USER_UNIT", "web.service"}};
  auto findings =
      read({journal("systemd", 2000, "web.service: Killing process 1234 (nginx) with signal SIGKILL.", fields)});
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].through == "systemd --user");
  CHECK(findings[0].actor.uid == 1000);
  CHECK(findings[0].subject.uid == 1000);  // it can reach no other user's process
  CHECK(findings[0].subject.unit == "web.service");
  // Its words on the machine count for nothing.
  CHECK(read({journal("systemd", 2000, "Reached target Shutdown.", fields)}).empty());
  // Another unit, or another program, is no manager.
  fields["_SYSTEMD_UNIT"] = "session-3.scope";
  CHECK(read({journal("systemd", 2000, "web.service: Failed with result 'signal'.", fields)}).empty());
  // In a text its pid tells.
  findings = read({line("systemd", 5971, "app-x.scope: The kernel OOM killer killed some processes in this unit.")});
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].through == "systemd --user");
}

TEST_CASE("systemd's units: foreign and damaged text", "[autopsy]") {
  for (const char* message :
       {"", " ", "web.service", "web.service:", "web.service: ", "Unit ", "Unit web.service", "Stopping ",
        "web.service: Killing process 99999999999 (x) with signal SIGKILL", "web.service: Main process exited",
        "web.service: Main process exited, code=killed, status=", ": Failed with result 'signal'.",
        "x web.service: Failed with result 'signal'.", "web.service: Failed with result 'signal'. not",
        "web service: Failed with result 'signal'."}) {
    INFO(message);
    CHECK(is_silent(message));
  }
  // A number that is no pid.
  CHECK(said("web.service: Killing process 9999999999 (x) with signal SIGKILL.").subject.pid == 0);
  CHECK(said("web.service: Main process exited, code=killed, status=999/X").signal == 0);
  auto found = said("web.service: Killing process 5 (\x80\xff\x1b) with signal SIGKILL.");
  CHECK(found.subject.comm == "\x80\xff\x1b");
  CHECK(said("Stopping " + std::string(100000, 'x') + "...").reason.size() < 300);
}
