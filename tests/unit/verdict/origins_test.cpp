#include "verdict/origins.h"

#include <csignal>

#include "base/text.h"
#include "catch.h"
#include "verdict/story.h"

using namespace stapkill;

namespace {

Process make(int pid, std::string comm, std::vector<std::string> argv = {}, std::string exe = "") {
  Process process;
  process.pid = pid;
  process.comm = std::move(comm);
  if (!argv.empty()) process.argv = std::move(argv);
  if (!exe.empty()) process.exe = std::move(exe);
  return process;
}

const Process kVictim = [] {
  auto process = make(9, "server");
  process.cgroup = "/system.slice/app.service";
  return process;
}();

std::string own(const Process& killer, int number = SIGKILL, std::int64_t boot = 0) {
  return own_text({killer, kVictim, number, boot});
}

}  // namespace

TEST_CASE("origins: a job of cron, with its line", "[origins]") {
  auto cron = make(811, "cron", {"/usr/sbin/cron", "-f"}, "/usr/sbin/cron");
  auto shell = make(900, "sh", {"/bin/sh", "-c", "/opt/app/nightly --all"}, "/usr/bin/dash");
  CHECK(origin_text({cron, shell}, {}) == ", a job of cron(811): /opt/app/nightly --all");
  CHECK(origin_text({cron, make(1, "x")}, {}) == ", a job of cron(811)");
}

TEST_CASE("origins: a job of at, with its file where that is known", "[origins]") {
  auto atd = make(55, "atd", {"/usr/sbin/atd", "-f"}, "/usr/sbin/atd");
  auto shell = make(60, "sh", {"sh"}, "/usr/bin/dash");
  CHECK(origin_text({atd, shell}, {}) == ", a job of atd(55)");
  Lookups lookups;
  lookups.at_job = [](const Process& process) {
    return process.pid == 60 ? std::optional<std::string>("/var/spool/cron/atjobs/a0000101c2d3e4") : std::nullopt;
  };
  CHECK(origin_text({atd, shell}, lookups) == ", a job of atd(55): /var/spool/cron/atjobs/a0000101c2d3e4");
  auto cron = make(811, "cron", {"/usr/sbin/cron", "-f"}, "/usr/sbin/cron");
  CHECK(origin_text({cron, shell}, lookups) == ", a job of cron(811)");
}

TEST_CASE("origins: a login, with its user and where it comes from", "[origins]") {
  auto sshd = make(4711, "sshd", {"sshd: root@pts/0"}, "/usr/sbin/sshd");
  auto shell = make(4712, "bash", {"-bash"}, "/usr/bin/bash");
  shell.uid = 0;
  shell.user = "root";
  Lookups lookups;
  CHECK(origin_text({sshd, shell}, lookups) == ", in a login by sshd(4711) of root");
  lookups.peer_of = [](const Process& process) {
    return process.pid == 4711 ? std::optional<std::string>("192.0.2.7") : std::nullopt;
  };
  CHECK(origin_text({sshd, shell}, lookups) == ", in a login by sshd(4711) of root from 192.0.2.7");
  shell.uid = 54321;
  shell.user.reset();
  CHECK(origin_text({sshd, shell}, {}) == ", in a login by sshd(4711) of uid 54321");
}

TEST_CASE("origins: the login in which a process runs, and whose daemon is named already", "[origins]") {
  auto shared = [](Process process) { return std::make_shared<const Process>(std::move(process)); };
  auto sshd = shared(make(12, "sshd", {"sshd: alice@pts/3"}, "/usr/sbin/sshd"));
  auto shell = make(13, "bash", {"-bash"}, "/usr/bin/bash");
  shell.uid = 54321;
  shell.user.reset();
  auto bash = shared(shell);
  auto server = make(14, "server");
  Lookups lookups;
  lookups.peer_of = [](const Process&) { return std::optional<std::string>("10.0.0.7"); };
  CHECK(login_of(server, {bash, sshd}, nullptr, lookups) == ", in a login by sshd(12) of uid 54321 from 10.0.0.7");
  CHECK(login_of(server, {bash, sshd}, sshd.get(), lookups) == ", in a login of uid 54321 from 10.0.0.7");
  CHECK(login_of(server, {bash, sshd}, bash.get(), {}) == ", in a login by sshd(12) of uid 54321");
  CHECK(login_of(server, {bash}, nullptr, lookups).empty());
}

TEST_CASE("origins: the cgroup that a process is in or below", "[origins]") {
  auto process = make(9, "server");
  CHECK(cgroup_text(process).empty());
  process.cgroup = "/";
  CHECK(cgroup_text(process).empty());
  process.cgroup = "/jobs/7";
  CHECK(cgroup_text(process) == " of its cgroup /jobs/7 or one above");
  process.cgroup = "/system.slice/web.service/workers";
  CHECK(cgroup_text(process) == " in its unit web.service or above");
  process.cgroup = "/docker/" + std::string(64, 'c');
  CHECK(cgroup_text(process) == " in its container cccccccccccc or above");
}

TEST_CASE("origins: a unit, and the timer that starts it", "[origins]") {
  auto systemd = make(1, "systemd", {"/sbin/init"}, "/usr/lib/systemd/systemd");
  auto job = make(50, "clean");
  CHECK(origin_text({systemd, job}, {}).empty());
  job.cgroup = "/system.slice/clean.service";
  Lookups lookups;
  CHECK(origin_text({systemd, job}, lookups) == ", started by systemd(1) in clean.service");
  lookups.has_unit = [](const std::string& unit) { return unit == "clean.timer"; };
  CHECK(origin_text({systemd, job}, lookups) == ", started by systemd(1) in clean.service, which clean.timer starts");
}

TEST_CASE("origins: what a container's runtime started is in a container, or its own", "[origins]") {
  auto shim = make(70, "containerd-shim", {}, "/usr/bin/containerd-shim-runc-v2");
  auto killer = make(9, "python3");
  CHECK(origin_text({shim, killer}, {}) == ", started by the container runtime containerd-shim(70)");
  killer.cgroup = "/docker/" + std::string(64, 'c');
  CHECK(origin_text({shim, killer}, {}) == ", in container cccccccccccc");
}

TEST_CASE("origins: what a service manager started does not act for it", "[origins]") {
  auto manager = make(7, "supervisord", {"/usr/bin/python3", "/usr/bin/supervisord"}, "/usr/bin/python3.11");
  CHECK(origin_text({manager, make(8, "web")}, {}) == ", started by the service manager supervisord(7)");
  CHECK(origin_text({make(7, "runsv"), make(8, "web")}, {}) == ", started by the service manager runsv(7)");
  auto namesake = make(7, "cron", {"/bin/sh", "/opt/cron"}, "/usr/bin/dash");
  CHECK(origin_text({namesake, make(8, "web")}, {}).empty());
}

TEST_CASE("origins: killers that explain themselves", "[origins]") {
  CHECK(own(make(5, "earlyoom")) == ", which kills when memory runs short");
  CHECK(own(make(5, "supervisord")) == ", a service manager");
  CHECK(own(make(5, "kill")).empty());
  auto victim = make(9, "server");
  CHECK(own_text({make(5, "runc"), victim}) == ", the container runtime");
  CHECK(own_text({make(5, "crun", {"/usr/bin/crun", "kill"}, "/"), victim}) == ", the container runtime");
  victim.cgroup = "/docker/" + std::string(64, 'c');
  CHECK(own_text({make(5, "runc"), victim}) == ", the container runtime of container cccccccccccc");
}

TEST_CASE("origins: the service manager stops a unit by SIGTERM and SIGKILL alone", "[origins]") {
  for (int number : {SIGTERM, SIGKILL}) {
    CHECK(own(make(1, "systemd"), number) == ", the service manager, which stops app.service");
  }
  for (int number : {SIGUSR1, SIGHUP, SIGABRT, SIGINT}) {
    CHECK(own(make(1, "systemd"), number) == ", the service manager, for app.service");
  }
  CHECK(own_text({make(1, "systemd"), make(9, "server"), SIGTERM}) == ", the service manager");
}

TEST_CASE("origins: a unit of a user's manager is not that of the machine's", "[origins]") {
  auto victim = make(9, "server");
  victim.cgroup = "/user.slice/user-7.slice/user@7.service/app.slice/app.service";
  CHECK(own_text({make(1, "systemd"), victim, SIGKILL}) == ", the service manager, which stops user@7.service");
  CHECK(own_text({make(70, "systemd"), victim, SIGKILL}) == ", the service manager, which stops app.service");
}

TEST_CASE("origins: timeout whose time was over, or that passed a signal on", "[origins]") {
  auto timeout = make(5, "timeout", {"timeout", "3", "sleep", "600"});
  timeout.start = 100;
  constexpr std::int64_t second = 1'000'000'000;
  CHECK(own(timeout, SIGTERM, 4 * second) == ", whose time was over (timeout 3 sleep 600)");
  CHECK(own(timeout, SIGTERM, 3 * second) == ", which runs it with a time limit (timeout 3 sleep 600)");
  CHECK(own_text({timeout, timeout, SIGTERM, 9 * second}).empty());
}

TEST_CASE("origins: a long command is cut between two characters", "[origins]") {
  std::vector<std::string> words = {"timeout", "3", "x"};
  for (int i = 0; i < 60; ++i) words.back() += "\u00e9";
  auto text = own(make(5, "timeout", words), SIGTERM);
  CHECK(is_utf8(text));
  CHECK(text.ends_with("\u00e9...)"));
}

TEST_CASE("origins: it is the program that counts, not the name", "[origins]") {
  CHECK(own(make(5, "timeout", {}, "/tmp/trojan")).empty());
  CHECK(own(make(5, "x", {"x"}, "/usr/bin/timeout (deleted)")) == ", which runs it with a time limit (x)");
  CHECK_FALSE(own(make(5, "timeout", {"timeout", "3"}, "/bin/busybox")).empty());
}

TEST_CASE("origins: where a process runs", "[origins]") {
  auto process = make(5, "kill");
  CHECK(place_text(process, {}).empty());
  process.cgroup = "/system.slice/clean.service";
  Lookups lookups;
  lookups.has_unit = [](const std::string& unit) { return unit == "clean.timer"; };
  CHECK(place_text(process, lookups) == ", in clean.service, which clean.timer starts");
  process.cgroup = "/docker/" + std::string(64, 'c');
  CHECK(place_text(process, {}) == ", in container cccccccccccc");
}

TEST_CASE("origins: sudo only passes on", "[origins]") {
  auto sudo = std::make_shared<Process>(make(6, "sudo", {"sudo", "kill", "9"}, "/usr/bin/sudo"));
  auto cron = std::make_shared<Process>(make(7, "cron"));
  CHECK(passes_on(*sudo));
  CHECK(story_behind({make(5, "kill"), kVictim}, {sudo, cron}, {}) == ", a job of cron(7)");
}

TEST_CASE("origins: the login that a process was started from", "[origins]") {
  auto killer = make(7, "kill");
  Lookups lookups;
  lookups.login_origin = [](std::int64_t session) {
    return session == 3 ? std::optional<std::string>("ssh from 192.0.2.7") : std::nullopt;
  };
  CHECK(login_note(killer, lookups).empty());
  killer.login = Login{1000, 3};
  CHECK(login_note(killer, lookups) == ", in a login of uid 1000 (ssh from 192.0.2.7)");
  killer.login_user = "alice";
  killer.login->session = 4;
  CHECK(login_note(killer, lookups) == ", in a login of alice");
  CHECK(login_note(killer, {}) == ", in a login of alice");
  killer.login = Login{};
  CHECK(login_note(killer, lookups).empty());
  killer.cgroup = "/system.slice/clean.service";
  CHECK(login_note(killer, lookups) == ", no login: a service");
  killer.cgroup = "/system.slice/docker-" + std::string(64, 'a') + ".scope";
  CHECK(login_note(killer, lookups).empty());
}

TEST_CASE("origins: a job says for whom it runs, unless for root", "[origins]") {
  auto cron = make(811, "cron", {"/usr/sbin/cron", "-f"}, "/usr/sbin/cron");
  auto shell = make(900, "sh", {"/bin/sh", "-c", "/opt/x"}, "/usr/bin/dash");
  shell.login = Login{1000, 5};
  shell.login_user = "alice";
  CHECK(origin_text({cron, shell}, {}) == ", a job of cron(811) for alice: /opt/x");
  shell.login = Login{0, 5};
  shell.login_user = "root";
  CHECK(origin_text({cron, shell}, {}) == ", a job of cron(811): /opt/x");
}

TEST_CASE("origins: a service manager's own scope is no unit that it is in", "[origins]") {
  auto systemd = make(1, "systemd");
  systemd.cgroup = "/init.scope";
  CHECK(place_text(systemd, {}).empty());
  systemd.cgroup = "/user.slice/user-1000.slice/user@1000.service/init.scope";
  CHECK(place_text(systemd, {}) == ", in user@1000.service");
}

TEST_CASE("origins: a runtime's step on the way to a container's program", "[origins]") {
  CHECK(is_runtimes_step(make(7, "runc:[1:CHILD]")));
  CHECK(is_runtimes_step(make(7, "crun", {"/usr/bin/crun", "start"})));
  CHECK_FALSE(is_runtimes_step(make(7, "runc-like", {"/usr/bin/runc-like"})));
  CHECK_FALSE(is_runtimes_step(make(7, "sleep")));
}
