#include "verdict/story.h"

#include "catch.h"

using namespace stapkill;

namespace {

ProcessPtr make_process(int pid, std::string comm, std::string exe, std::vector<std::string> argv,
                        std::optional<std::string> cwd = std::nullopt) {
  auto process = std::make_shared<Process>();
  process->pid = pid;
  process->comm = std::move(comm);
  process->exe = std::move(exe);
  process->argv = std::move(argv);
  process->cwd = std::move(cwd);
  return process;
}

std::string script(std::string exe, std::vector<std::string> argv, std::optional<std::string> cwd = std::nullopt) {
  return script_of(*make_process(1, "x", std::move(exe), std::move(argv), std::move(cwd)));
}

}  // namespace

TEST_CASE("story: name_and_pid", "[story]") {
  Process process;
  process.pid = 23549;
  CHECK(name_and_pid(process) == "process(23549)");
  process.comm = "kill";
  CHECK(name_and_pid(process) == "kill(23549)");
}

TEST_CASE("story: the script of an interpreter", "[story]") {
  CHECK(script("/usr/bin/dash", {"sh", "/opt/run.sh"}) == "/opt/run.sh");
  CHECK(script("/usr/bin/bash", {"/bin/bash", "/opt/run.sh", "-c", "x"}) == "/opt/run.sh");
  CHECK(script("/usr/bin/bash", {"bash", "-x", "/opt/run.sh"}) == "/opt/run.sh");
  CHECK(script("/usr/bin/bash", {"bash", "-eu", "--", "/opt/run.sh"}) == "/opt/run.sh");
  CHECK(script("/usr/bin/bash", {"bash", "+x", "/opt/run.sh"}) == "/opt/run.sh");
  CHECK(script("/usr/bin/bash", {"bash", "--norc", "/opt/run.sh"}) == "/opt/run.sh");
  CHECK(script("/usr/bin/python3.11", {"python3", "/opt/x.py", "a"}) == "/opt/x.py");
  CHECK(script("/usr/bin/perl5.36", {"perl", "/opt/x.pl"}) == "/opt/x.pl");
  CHECK(script("/usr/bin/node", {"node", "/opt/x.js"}) == "/opt/x.js");
}

TEST_CASE("story: a script is made absolute with the working directory", "[story]") {
  CHECK(script("/bin/sh", {"sh", "run.sh"}, "/opt/app") == "/opt/app/run.sh");
  CHECK(script("/bin/sh", {"sh", "./run.sh"}, "/opt/app") == "/opt/app/run.sh");
  CHECK(script("/bin/sh", {"sh", "run.sh"}, "/") == "/run.sh");
  CHECK(script("/bin/sh", {"sh", "run.sh"}) == "run.sh");
}

TEST_CASE("story: no script", "[story]") {
  CHECK(script("/bin/sh", {"sh"}) == "");
  CHECK(script("/bin/sh", {"-sh"}) == "");
  CHECK(script("/bin/sh", {"sh", "-c", "kill 5"}) == "");
  CHECK(script("/bin/bash", {"bash", "-lc", "kill 5"}) == "");
  CHECK(script("/bin/bash", {"bash", "--norc", "-c", "kill 5"}) == "");
  CHECK(script("/bin/sh", {"sh", "-"}) == "");
  CHECK(script("/usr/bin/python3.11", {"python3", "-m", "http.server"}) == "");
  CHECK(script("/usr/bin/python3.11", {"python3", "-c", "print()"}) == "");
  CHECK(script("/usr/bin/perl", {"perl", "-we", "kill 9"}) == "");
  CHECK(script("/usr/bin/kill", {"kill", "/opt/run.sh"}) == "");
  CHECK(script("/bin/sh", {}) == "");
  CHECK(script_of(Process()) == "");
}

TEST_CASE("story: without exe the first word says the program", "[story]") {
  Process process;
  process.argv = std::vector<std::string>{"/bin/sh", "/opt/run.sh"};
  CHECK(script_of(process) == "/opt/run.sh");
  process.argv = std::vector<std::string>{"kill", "5"};
  CHECK(script_of(process) == "");
}

TEST_CASE("story: an option's own word is not the script", "[story]") {
  CHECK(script("/usr/bin/bash", {"bash", "-o", "pipefail", "/opt/run.sh"}) == "/opt/run.sh");
  CHECK(script("/usr/bin/bash", {"bash", "-euo", "pipefail", "/opt/run.sh"}) == "/opt/run.sh");
  CHECK(script("/usr/bin/python3.11", {"python3", "-W", "ignore", "/opt/x.py"}) == "/opt/x.py");
}

TEST_CASE("story: a busybox shell is a shell", "[story]") {
  CHECK(script("/bin/busybox", {"/bin/sh", "/opt/run.sh"}) == "/opt/run.sh");
}

TEST_CASE("story: behind a killer", "[story]") {
  auto victim = make_process(9, "server", "/opt/server", {"server"});
  auto killer = make_process(23549, "kill", "/usr/bin/kill", {"kill", "-9", "5"});
  auto shell = make_process(23490, "sh", "/usr/bin/dash", {"sh", "/opt/app/restart.sh"});
  auto cron = make_process(811, "cron", "/usr/sbin/cron", {"/usr/sbin/cron", "-f"});
  auto init = make_process(1, "systemd", "/usr/lib/systemd/systemd", {"/sbin/init"});
  CHECK(story_behind(*killer, {shell, cron, init}, *victim, {}) ==
        ", run by /opt/app/restart.sh (sh 23490), a job of cron(811)");
  CHECK(story_behind(*killer, {cron, init}, *victim, {}) == ", a job of cron(811)");
  CHECK(story_behind(*killer, {init}, *victim, {}) == ", started by systemd(1)");
  CHECK(story_behind(*killer, {shell, init}, *victim, {}) == ", run by /opt/app/restart.sh (sh 23490)");
  CHECK(story_behind(*killer, {}, *victim, {}) == "");
}

TEST_CASE("story: a shell that only passes on is left out", "[story]") {
  auto victim = make_process(9, "server", "/opt/server", {"server"});
  auto killer = make_process(5, "kill", "/usr/bin/kill", {"kill", "9"});
  auto inline_shell = make_process(4, "sh", "/usr/bin/dash", {"sh", "-c", "/opt/x"});
  auto login = make_process(3, "bash", "/usr/bin/bash", {"-bash"});
  auto sshd = make_process(2, "sshd", "/usr/sbin/sshd", {"sshd: root"});
  CHECK(story_behind(*killer, {inline_shell, login, sshd}, *victim, {}) == ", in a login by sshd(2)");
}

TEST_CASE("story: a killer that is itself a script, and its subshells", "[story]") {
  auto victim = make_process(9, "server", "/opt/server", {"server"});
  auto subshell = make_process(6, "sh", "/usr/bin/dash", {"sh", "/opt/a.sh"});
  auto shell = make_process(5, "sh", "/usr/bin/dash", {"sh", "/opt/a.sh"});
  auto outer = make_process(4, "bash", "/usr/bin/bash", {"bash", "/opt/b.sh"});
  auto cron = make_process(3, "cron", "/usr/sbin/cron", {"cron"});
  CHECK(story_behind(*subshell, {shell, outer, cron}, *victim, {}) ==
        ", running /opt/a.sh, run by /opt/b.sh (bash 4), a job of cron(3)");
}
