#include "verdict/origins.h"

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

}  // namespace

TEST_CASE("origins: a job of cron, with its line", "[origins]") {
  auto cron = make(811, "cron", {"/usr/sbin/cron", "-f"}, "/usr/sbin/cron");
  auto shell = make(900, "sh", {"/bin/sh", "-c", "/opt/app/nightly --all"}, "/usr/bin/dash");
  CHECK(origin_text({cron, shell, kVictim}, {}) == ", a job of cron(811): /opt/app/nightly --all");
  CHECK(origin_text({cron, make(1, "x"), kVictim}, {}) == ", a job of cron(811)");
}

TEST_CASE("origins: a login, with its user and where it comes from", "[origins]") {
  auto sshd = make(4711, "sshd", {"sshd: root@pts/0"}, "/usr/sbin/sshd");
  auto shell = make(4712, "bash", {"-bash"}, "/usr/bin/bash");
  shell.uid = 0;
  Lookups lookups;
  CHECK(origin_text({sshd, shell, kVictim}, lookups) == ", in a login by sshd(4711) of root");
  lookups.peer_of = [](const Process& process) {
    return process.pid == 4711 ? std::optional<std::string>("192.0.2.7") : std::nullopt;
  };
  CHECK(origin_text({sshd, shell, kVictim}, lookups) == ", in a login by sshd(4711) of root from 192.0.2.7");
  shell.uid = 54321;
  CHECK(origin_text({sshd, shell, kVictim}, {}) == ", in a login by sshd(4711) of uid 54321");
}

TEST_CASE("origins: a unit, and the timer that starts it", "[origins]") {
  auto systemd = make(1, "systemd", {"/sbin/init"}, "/usr/lib/systemd/systemd");
  auto job = make(50, "clean");
  CHECK(origin_text({systemd, job, kVictim}, {}).empty());
  job.cgroup = "/system.slice/clean.service";
  Lookups lookups;
  CHECK(origin_text({systemd, job, kVictim}, lookups) == ", started by systemd(1) in clean.service");
  lookups.has_unit = [](const std::string& unit) { return unit == "clean.timer"; };
  CHECK(origin_text({systemd, job, kVictim}, lookups) ==
        ", started by systemd(1) in clean.service, which clean.timer starts");
}

TEST_CASE("origins: a container's runtime, with the victim's container", "[origins]") {
  auto shim = make(70, "containerd-shim", {}, "/usr/bin/containerd-shim-runc-v2");
  auto victim = make(9, "server");
  CHECK(origin_text({shim, victim, victim}, {}) == ", for the container runtime containerd-shim(70)");
  victim.cgroup = "/docker/" + std::string(64, 'c');
  CHECK(origin_text({shim, victim, victim}, {}) ==
        ", for the container runtime containerd-shim(70) of container cccccccccccc");
  CHECK(own_text(make(5, "runc"), victim) == ", the container runtime of container cccccccccccc");
}

TEST_CASE("origins: killers that explain themselves", "[origins]") {
  CHECK(own_text(make(5, "timeout", {"timeout", "3", "sleep", "600"}), kVictim) ==
        ", whose time was over (timeout 3 sleep 600)");
  CHECK(own_text(make(1, "systemd"), kVictim) == ", the service manager, which stops app.service");
  CHECK(own_text(make(5, "earlyoom"), kVictim) == ", which kills where memory runs short");
  CHECK(own_text(make(5, "supervisord"), kVictim) == ", a service manager");
  CHECK(own_text(make(5, "kill"), kVictim).empty());
}

TEST_CASE("origins: it is the program that counts, not the name", "[origins]") {
  CHECK(own_text(make(5, "timeout", {}, "/tmp/trojan"), kVictim).empty());
  CHECK(own_text(make(5, "x", {"x"}, "/usr/bin/timeout (deleted)"), kVictim) == ", whose time was over (x)");
  CHECK_FALSE(own_text(make(5, "timeout", {"timeout", "3"}, "/bin/busybox"), kVictim).empty());
}

TEST_CASE("origins: sudo only passes on", "[origins]") {
  auto sudo = std::make_shared<Process>(make(6, "sudo", {"sudo", "kill", "9"}, "/usr/bin/sudo"));
  auto cron = std::make_shared<Process>(make(7, "cron"));
  CHECK(passes_on(*sudo));
  CHECK(story_behind(make(5, "kill"), {sudo, cron}, kVictim, {}) == ", a job of cron(7)");
}
