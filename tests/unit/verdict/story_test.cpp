#include "verdict/story.h"

#include "catch.h"

using namespace stapkill;

namespace {

ProcessPtr make_process(int pid, std::string comm, std::string exe, std::vector<std::string> argv,
                        std::optional<std::string> exec_cwd = std::nullopt) {
  auto process = std::make_shared<Process>();
  process->pid = pid;
  process->comm = std::move(comm);
  process->exe = std::move(exe);
  process->argv = std::move(argv);
  process->exec_cwd = std::move(exec_cwd);
  return process;
}

std::string script(std::string exe, std::vector<std::string> argv, std::optional<std::string> exec_cwd = std::nullopt) {
  return script_of(*make_process(1, "x", std::move(exe), std::move(argv), std::move(exec_cwd)));
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

TEST_CASE("story: a script is made absolute with the directory of its exec", "[story]") {
  CHECK(script("/bin/sh", {"sh", "run.sh"}, "/opt/app") == "/opt/app/run.sh");
  CHECK(script("/bin/sh", {"sh", "./run.sh"}, "/opt/app") == "/opt/app/run.sh");
  CHECK(script("/bin/sh", {"sh", "run.sh"}, "/") == "/run.sh");
  CHECK(script("/bin/sh", {"sh", "run.sh"}) == "run.sh");
}

TEST_CASE("story: where a script has gone since its exec says nothing of its path", "[story]") {
  Process process;
  process.argv = std::vector<std::string>{"bash", "y.sh"};
  process.cwd = "/gone/to";
  CHECK(script_of(process) == "y.sh");
  process.exec_cwd = "/came/from";
  CHECK(script_of(process) == "/came/from/y.sh");
}

TEST_CASE("story: no script", "[story]") {
  CHECK(script("/bin/sh", {"sh"}) == "");
  CHECK(script("/bin/sh", {"-sh"}) == "");
  CHECK(script("/bin/sh", {"sh", "-c", "kill 5"}) == "");
  CHECK(script("/bin/bash", {"bash", "-lc", "kill 5"}) == "");
  CHECK(script("/bin/bash", {"bash", "--norc", "-c", "kill 5"}) == "");
  CHECK(script("/bin/sh", {"sh", "-"}) == "");
  CHECK(script("/bin/bash", {"bash", "/dev/fd/63"}) == "");
  CHECK(script("/bin/bash", {"bash", "-s", "stable"}, "/root") == "");
  CHECK(script("/bin/sh", {"sh", "-es", "--", "stable"}, "/root") == "");
  CHECK(script("/usr/bin/fish", {"fish", "--command", "x", "y"}) == "");
  CHECK(script("/usr/bin/node", {"node", "--eval=1", "y"}) == "");
  CHECK(script("/usr/bin/perl", {"perl", "-lne", "print"}) == "");
  CHECK(script("/usr/bin/python3.11", {"python3", "-"}) == "");
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
  CHECK(script("/usr/bin/python3.11", {"python3", "-Wonce", "-X", "dev", "/opt/x.py"}) == "/opt/x.py");
  CHECK(script("/usr/bin/bash", {"bash", "--rcfile", "/dev/null", "/opt/z.sh"}) == "/opt/z.sh");
  CHECK(script("/usr/bin/bash", {"bash", "--init-file", "/dev/null", "/opt/z.sh"}) == "/opt/z.sh");
  CHECK(script("/usr/bin/node", {"node", "--require", "a.js", "-r", "b.js", "/opt/x.js"}) == "/opt/x.js");
  CHECK(script("/usr/bin/node", {"node", "--require=a.js", "--inspect", "/opt/x.js"}) == "/opt/x.js");
  CHECK(script("/usr/bin/perl", {"perl", "-MTime::HiRes", "/opt/x.pl"}) == "/opt/x.pl");
}

TEST_CASE("story: the program that an interpreter was given", "[story]") {
  auto given = [](std::string exe, std::vector<std::string> argv) {
    return program_given_to(*make_process(1, "x", std::move(exe), std::move(argv)));
  };
  CHECK(given("/bin/dash", {"sh", "-c", "kill 5"}) == "kill 5");
  CHECK(given("/bin/bash", {"bash", "--rcfile", "x", "-lc", "kill 5", "name"}) == "kill 5");
  CHECK(given("/usr/bin/python3.11", {"python3", "-Ic", "print()"}) == "print()");
  CHECK(given("/usr/bin/perl", {"perl", "-we", "kill 9"}) == "kill 9");
  CHECK(given("/usr/bin/ruby", {"ruby", "-e", "exit"}) == "exit");
  CHECK(given("/usr/bin/php8.2", {"php", "-r", "exit;"}) == "exit;");
  CHECK(given("/usr/bin/node", {"node", "--eval=1"}) == "1");
  CHECK(given("/usr/bin/fish", {"fish", "--command", "x", "y"}) == "x");
  CHECK(given("/usr/bin/python3.11", {"python3", "-m", "x", "-c", "y"}) == "");
  CHECK(given("/bin/dash", {"sh", "/opt/run.sh", "-c", "x"}) == "");
  CHECK(given("/usr/bin/kill", {"kill", "-c", "5"}) == "");
}

TEST_CASE("story: the program of a killer and of who started it", "[story]") {
  auto victim = make_process(9, "server", "/opt/server", {"server"});
  auto shell = make_process(12, "sh", "/usr/bin/dash", {"sh", "-c", "sleep 5; kill -9 9"});
  auto kill = make_process(13, "kill", "/usr/bin/kill", {"kill", "-9", "9"});
  auto user = make_process(5, "bash", "/usr/bin/bash", {"-bash"});
  auto cron = make_process(811, "cron", "/usr/sbin/cron", {"/usr/sbin/cron", "-f"});
  CHECK(story_behind({*shell, *victim}, {user}, {}) == ", which runs `sleep 5; kill -9 9`");
  CHECK(story_behind({*kill, *victim}, {shell, user}, {}) == ", run by `sleep 5; kill -9 9` (sh 12)");
  // A subshell has the same words.
  CHECK(story_behind({*shell, *victim}, {shell, user}, {}) == ", which runs `sleep 5; kill -9 9`");
  CHECK(story_behind({*shell, *shell}, {user}, {}) == ", running `sleep 5; kill -9 9`");
  // A job is named with its own words.
  CHECK(story_behind({*shell, *victim}, {cron}, {}) == ", a job of cron(811): sleep 5; kill -9 9");
  CHECK(story_behind({*kill, *victim}, {shell, cron}, {}) == ", a job of cron(811): sleep 5; kill -9 9");
}

TEST_CASE("story: stapkill itself started nothing", "[story]") {
  auto victim = make_process(9, "server", "/opt/server", {"server"});
  auto kill = make_process(13, "kill", "/usr/bin/kill", {"kill", "-9", "9"});
  auto own = make_process(77, "stapkill", "/usr/bin/stapkill", {"stapkill", "watch", "--", "x"});
  Lookups lookups;
  CHECK(story_behind({*kill, *victim}, {own}, lookups) == ", started by stapkill(77)");
  lookups.own_pid = 77;
  CHECK(story_behind({*kill, *victim}, {own}, lookups) == "");
}

TEST_CASE("story: a busybox shell is a shell", "[story]") {
  CHECK(script("/bin/busybox", {"/bin/sh", "/opt/run.sh"}) == "/opt/run.sh");
}

TEST_CASE("story: what explains a killer", "[story]") {
  auto victim = make_process(9, "server", "/opt/server", {"server"});
  auto killer = make_process(23549, "kill", "/usr/bin/kill", {"kill", "-9", "5"});
  auto shell = make_process(23490, "sh", "/usr/bin/dash", {"sh", "/opt/app/restart.sh"});
  auto cron = make_process(811, "cron", "/usr/sbin/cron", {"/usr/sbin/cron", "-f"});
  auto init = make_process(1, "systemd", "/usr/lib/systemd/systemd", {"/sbin/init"});
  CHECK(story_behind({*killer, *victim}, {shell, cron, init}, {}) ==
        ", run by /opt/app/restart.sh (sh 23490), a job of cron(811)");
  CHECK(story_behind({*killer, *victim}, {cron, init}, {}) == ", a job of cron(811)");
  CHECK(story_behind({*killer, *victim}, {init}, {}) == ", started by systemd(1)");
  CHECK(story_behind({*killer, *victim}, {shell, init}, {}) == ", run by /opt/app/restart.sh (sh 23490)");
  CHECK(story_behind({*killer, *victim}, {}, {}) == "");
}

TEST_CASE("story: a shell without a program of its own is left out", "[story]") {
  auto victim = make_process(9, "server", "/opt/server", {"server"});
  auto killer = make_process(5, "kill", "/usr/bin/kill", {"kill", "9"});
  auto inline_shell = make_process(4, "sh", "/usr/bin/dash", {"sh", "-c", "/opt/x"});
  auto login = make_process(3, "bash", "/usr/bin/bash", {"-bash"});
  auto sshd = make_process(2, "sshd", "/usr/sbin/sshd", {"sshd: root"});
  CHECK(story_behind({*killer, *victim}, {inline_shell, login, sshd}, {}) ==
        ", run by `/opt/x` (sh 4), in a login by sshd(2)");
}

TEST_CASE("story: a killer that is itself a script, and its subshells", "[story]") {
  auto victim = make_process(9, "server", "/opt/server", {"server"});
  auto subshell = make_process(6, "sh", "/usr/bin/dash", {"sh", "/opt/a.sh"});
  auto shell = make_process(5, "sh", "/usr/bin/dash", {"sh", "/opt/a.sh"});
  auto outer = make_process(4, "bash", "/usr/bin/bash", {"bash", "/opt/b.sh"});
  auto cron = make_process(3, "cron", "/usr/sbin/cron", {"cron"});
  CHECK(story_behind({*subshell, *victim}, {shell, outer, cron}, {}) ==
        ", running /opt/a.sh, run by /opt/b.sh (bash 4), a job of cron(3)");
}

TEST_CASE("story: those that only pass on are left out", "[story]") {
  auto victim = make_process(9, "server", "/opt/server", {"server"});
  auto killer = make_process(8, "kill", "/usr/bin/kill", {"kill", "-9", "9"});
  auto xargs = make_process(7, "xargs", "/usr/bin/xargs", {"xargs", "kill", "-9"});
  auto timeout = make_process(6, "timeout", "/usr/bin/timeout", {"timeout", "5", "x"});
  auto run_parts = make_process(6, "run-parts", "/usr/bin/run-parts", {"run-parts", "/etc/cron.daily"});
  auto script = make_process(5, "xa.sh", "/usr/bin/dash", {"/bin/sh", "/opt/xa.sh"});
  auto cron = make_process(4, "cron", "/usr/sbin/cron", {"cron"});
  auto init = make_process(1, "init", "/sbin/init", {"init"});
  CHECK(story_behind({*killer, *victim}, {xargs, script, cron, init}, {}) ==
        ", run by /opt/xa.sh (xa.sh 5), a job of cron(4)");
  CHECK(story_behind({*killer, *victim}, {timeout, cron, init}, {}) == ", a job of cron(4)");
  CHECK(story_behind({*killer, *victim}, {run_parts, cron, init}, {}) == ", a job of cron(4)");
  CHECK(story_behind({*killer, *victim}, {xargs, timeout, init}, {}) == ", started by xargs(7)");
}

TEST_CASE("story: past a program that does not explain it, to what does", "[story]") {
  auto victim = make_process(9, "server", "/opt/server", {"server"});
  auto killer = make_process(8, "kill", "/usr/bin/kill", {"kill", "-9", "9"});
  auto inner = make_process(7, "inner", "/opt/inner", {"inner"});
  auto daemon = std::make_shared<Process>(*make_process(6, "daemon", "/opt/daemon", {"daemon"}));
  daemon->cgroup = "/system.slice/foo.service";
  auto script = make_process(5, "sh", "/usr/bin/dash", {"sh", "/opt/a.sh"});
  auto cron = make_process(4, "cron", "/usr/sbin/cron", {"cron"});
  auto init = make_process(1, "systemd", "/usr/lib/systemd/systemd", {"/sbin/init"});
  CHECK(story_behind({*killer, *victim}, {daemon, init}, {}) ==
        ", started by daemon(6), started by systemd(1) in foo.service");
  CHECK(story_behind({*killer, *victim}, {inner, daemon, cron, init}, {}) == ", started by inner(7), a job of cron(4)");
  CHECK(story_behind({*killer, *victim}, {inner, script, cron, init}, {}) ==
        ", started by inner(7), run by /opt/a.sh (sh 5), a job of cron(4)");
  CHECK(story_behind({*killer, *victim}, {inner, init}, {}) == ", started by inner(7)");
}

TEST_CASE("story: the killer's own unit, where no ancestor has one", "[story]") {
  auto victim = make_process(9, "server", "/opt/server", {"server"});
  auto killer = *make_process(8, "kill", "/usr/bin/kill", {"kill", "-9", "9"});
  killer.cgroup = "/system.slice/foo.service";
  auto daemon = make_process(6, "daemon", "/opt/daemon", {"daemon"});
  auto init = make_process(1, "init", "/sbin/init", {"init"});
  CHECK(story_behind({killer, *victim}, {daemon, init}, {}) == ", started by daemon(6), in foo.service");
  CHECK(story_behind({killer, *victim}, {}, {}) == ", in foo.service");
}

TEST_CASE("story: of endless scripts only some are named", "[story]") {
  auto victim = make_process(9, "server", "/opt/server", {"server"});
  auto killer = make_process(8, "kill", "/usr/bin/kill", {"kill", "-9", "9"});
  std::vector<ProcessPtr> ancestry;
  for (int i = 60; i > 1; --i) {
    auto name = "/opt/" + std::to_string(i);
    ancestry.push_back(make_process(i, "sh", "/usr/bin/dash", {"sh", name}));
    ancestry.push_back(make_process(i, "x", "/opt/x", {"x"}));
  }
  ancestry.push_back(make_process(4, "cron", "/usr/sbin/cron", {"cron"}));
  CHECK(story_behind({*killer, *victim}, ancestry, {}) ==
        ", run by /opt/60 (sh 60), started by x(60), run by /opt/59 (sh 59), run by /opt/58 (sh 58), a job of cron(4)");
}

TEST_CASE("story: a killer that left its login's tree is still that of who logged in", "[story]") {
  auto victim = make_process(9, "server", "/opt/server", {"server"});
  auto killer = *make_process(8, "kill", "/usr/bin/kill", {"kill", "-9", "9"});
  killer.login = Login{1000, 3};
  killer.login_user = "alice";
  auto init = make_process(1, "systemd", "/usr/lib/systemd/systemd", {"/sbin/init"});
  auto tmux = make_process(5, "tmux: server", "/usr/bin/tmux", {"tmux"});
  Lookups lookups;
  lookups.login_origin = [](std::int64_t) { return std::optional<std::string>("ssh from 192.0.2.7"); };
  CHECK(story_behind({killer, *victim}, {tmux, init}, lookups) ==
        ", started by tmux: server(5), in a login of alice (ssh from 192.0.2.7)");
  CHECK(story_behind({killer, *victim}, {init}, lookups) ==
        ", started by systemd(1), in a login of alice (ssh from 192.0.2.7)");
  // Below the login's daemon the sentence has the login already.
  auto sshd = make_process(4, "sshd", "/usr/sbin/sshd", {"sshd: alice"});
  CHECK(story_behind({killer, *victim}, {sshd, init}, lookups) == ", in a login by sshd(4)");
  CHECK(story_behind({killer, killer}, {init}, lookups) == ", started by systemd(1)");
}

TEST_CASE("story: what nobody's login started is a service, except what acts for others", "[story]") {
  auto victim = make_process(9, "server", "/opt/server", {"server"});
  auto killer = *make_process(8, "kill", "/usr/bin/kill", {"kill", "-9", "9"});
  killer.login = Login{};
  killer.cgroup = "/system.slice/foo.service";
  auto init = make_process(1, "systemd", "/usr/lib/systemd/systemd", {"/sbin/init"});
  CHECK(story_behind({killer, *victim}, {init}, {}) == ", started by systemd(1) in foo.service, no login: a service");
  auto docker = *make_process(8, "dockerd", "/usr/bin/dockerd", {"dockerd"});
  docker.login = Login{};
  docker.cgroup = "/system.slice/docker.service";
  CHECK(story_behind({docker, *victim}, {}, {}) == ", the container runtime, in docker.service");
}

TEST_CASE("story: past a runtime's client, to who ran it", "[story]") {
  auto victim = *make_process(9, "server", "/opt/server", {"server"});
  victim.cgroup = "/machine.slice/libpod-" + std::string(64, 'c') + ".scope";
  auto crun = make_process(8, "crun", "/", {"/usr/bin/crun", "kill", std::string(64, 'c'), "9"});
  auto podman = make_process(7, "podman", "/usr/bin/podman", {"podman", "stop", "-t", "1", "pweb"});
  auto script = make_process(6, "sh", "/usr/bin/dash", {"sh", "/root/cleanup.sh"});
  auto cron = make_process(5, "cron", "/usr/sbin/cron", {"cron"});
  CHECK(story_behind({*crun, victim}, {podman, script, cron}, {}) ==
        ", the container runtime of container cccccccccccc, run by `podman stop -t 1 pweb` (podman 7), "
        "run by /root/cleanup.sh (sh 6), a job of cron(5)");
  auto service = make_process(7, "podman", "/usr/bin/podman", {"podman", "system", "service", "-t", "0"});
  CHECK(story_behind({*crun, victim}, {service, script, cron}, {}) ==
        ", the container runtime of container cccccccccccc, started by the container runtime podman(7)");
}

TEST_CASE("story: a client that a runtime's daemon runs is that daemon's, one that a user runs is the user's",
          "[story]") {
  auto victim = make_process(9, "server", "/opt/server", {"server"});
  auto killer = *make_process(8, "kill", "/usr/bin/kill", {"kill", "-9", "9"});
  killer.cgroup = "/docker/" + std::string(64, 'c');
  auto runc = make_process(7, "runc", "/usr/sbin/runc", {"runc", "exec", std::string(64, 'c'), "kill", "9"});
  auto shim = make_process(6, "containerd-shim", "/usr/bin/containerd-shim-runc-v2", {"containerd-shim-runc-v2"});
  auto script = make_process(5, "sh", "/usr/bin/dash", {"sh", "/root/x.sh"});
  CHECK(story_behind({killer, *victim}, {runc, shim}, {}) == ", in container cccccccccccc");
  // A health check: the runtime's own steps are seen, if the watch sees the check begin.
  auto step = make_process(8, "runc:[1:CHILD]", "/usr/sbin/runc", {"runc", "init"});
  CHECK(story_behind({killer, *victim}, {step, runc, shim}, {}) == ", in container cccccccccccc");
  CHECK(story_behind({killer, *victim}, {runc, script}, {}) ==
        ", run by `runc exec cccccccccccc kill 9` (runc 7), run by /root/x.sh (sh 5), in container cccccccccccc");
}
