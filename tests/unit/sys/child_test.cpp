#include "sys/child.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <cerrno>
#include <chrono>
#include <climits>

#include "catch.h"
#include "temporary.h"

using namespace stapkill;
using namespace std::chrono_literals;

namespace {

constexpr int kLimit = 60;  // seconds: only a hang takes that long

Finished must_run(std::vector<std::string> argv) {
  ChildOptions options;
  options.argv = std::move(argv);
  auto finished = run_child(options, kLimit);
  INFO((finished ? std::string() : finished.error().message.english()));
  REQUIRE(finished.has_value());
  return *finished;
}

Finished shell(std::string script) {
  return must_run({"sh", "-c", std::move(script)});
}

/// A child with its loop, started or the test ends.
struct Running {
  boost::asio::io_context loop;
  std::unique_ptr<Child> child;
  std::string out, err;
  int exits = 0, status = 0;

  explicit Running(const ChildOptions& options) {
    auto started = Child::start(
        loop, options, [this](std::string_view text) { out += text; }, [this](std::string_view text) { err += text; },
        [this](int with) {
          ++exits;
          status = with;
        });
    INFO((started ? std::string() : started.error().message.english()));
    REQUIRE(started.has_value());
    child = std::move(*started);
  }
  explicit Running(std::string script) : Running(ChildOptions{.argv = {"sh", "-c", std::move(script)}}) {}

  template <typename Condition>
  bool run_until(Condition condition) {
    auto end = std::chrono::steady_clock::now() + std::chrono::seconds(kLimit);
    while (!condition() && std::chrono::steady_clock::now() < end) {
      loop.restart();  // it stops whenever nothing is to be done
      loop.run_one_for(100ms);
    }
    return condition();
  }
};

}  // namespace

TEST_CASE("A child's argv[0] is the word that was given", "[child]") {
  CHECK(must_run({"sh", "-c", "tr '\\0' ' ' </proc/$$/cmdline"}).out.starts_with("sh -c "));
}

TEST_CASE("child: both streams and the exit status", "[child]") {
  auto finished = shell("echo out; echo err >&2; exit 7");
  CHECK(finished.out == "out\n");
  CHECK(finished.err == "err\n");
  REQUIRE(WIFEXITED(finished.status));
  CHECK(WEXITSTATUS(finished.status) == 7);
}

TEST_CASE("child: killed by a signal is no exit status", "[child]") {
  auto finished = shell("kill -9 $$");
  REQUIRE(WIFSIGNALED(finished.status));
  CHECK(WTERMSIG(finished.status) == 9);
  finished = shell("exit 137");
  REQUIRE(WIFEXITED(finished.status));
  CHECK(WEXITSTATUS(finished.status) == 137);
}

TEST_CASE("child: a megabyte on both streams at once", "[child]") {
  auto finished = shell("head -c 1048576 /dev/zero & head -c 1048576 /dev/zero >&2; wait");
  CHECK(finished.out == std::string(1 << 20, '\0'));
  CHECK(finished.err == std::string(1 << 20, '\0'));
  CHECK(finished.status == 0);
}

TEST_CASE("child: what its own children still write is waited for", "[child]") {
  auto finished = shell("(sleep 0.1; echo late; echo late >&2) & exit 3");
  CHECK(finished.out == "late\n");
  CHECK(finished.err == "late\n");
  CHECK(WEXITSTATUS(finished.status) == 3);
}

TEST_CASE("child: streams closed early do not end it", "[child]") {
  auto finished = shell("echo x; exec >&- 2>&-; sleep 0.1; exit 5");
  CHECK(finished.out == "x\n");
  CHECK(WEXITSTATUS(finished.status) == 5);
}

TEST_CASE("child: a missing program is an error at once", "[child]") {
  for (const char* name : {"no-such-program-stapkill", "/no/such/program", "/"}) {
    INFO(name);
    auto finished = run_child(ChildOptions{.argv = {name}}, kLimit);
    REQUIRE_FALSE(finished.has_value());
    CHECK(finished.error().message.english().find(name) != std::string::npos);
  }
}

TEST_CASE("child: a file that is not a program is an error", "[child]") {
  Temporary root;
  auto file = root.write("x", "text").string();
  auto finished = run_child(ChildOptions{.argv = {file}}, kLimit);
  REQUIRE_FALSE(finished.has_value());
  CHECK(finished.error().message.english().find(file) != std::string::npos);
}

TEST_CASE("child: words reach it as they are", "[child]") {
  auto finished = must_run({"printf", "%s|", "", "a b", "\"", "$HOME", "*", "\n", "\xff"});
  CHECK(finished.out == "|a b|\"|$HOME|*|\n|\xff|");
}

TEST_CASE("child: environment and directory", "[child]") {
  Temporary root;
  ::setenv("STAPKILL_UNIT_A", "old", 1);
  ::setenv("STAPKILL_UNIT_B", "kept", 1);
  ChildOptions options;
  options.argv = {"sh", "-c", "echo $STAPKILL_UNIT_A $STAPKILL_UNIT_B $STAPKILL_UNIT_C; pwd -P"};
  options.environment = {{"STAPKILL_UNIT_A", "new"}, {"STAPKILL_UNIT_C", "a=b"}};
  options.directory = root.path();
  auto finished = run_child(options, kLimit);
  ::unsetenv("STAPKILL_UNIT_A");
  ::unsetenv("STAPKILL_UNIT_B");
  REQUIRE(finished.has_value());
  CHECK(finished->out == "new kept a=b\n" + std::filesystem::canonical(root.path()).string() + "\n");
}

TEST_CASE("child: its standard input is empty", "[child]") {
  auto finished = shell("cat; echo done");
  CHECK(finished.out == "done\n");
}

TEST_CASE("child: it has its own process group, unless that is switched off", "[child]") {
  for (bool own : {true, false}) {
    Running running(ChildOptions{.argv = {"sleep", "60"}, .own_group = own});
    CHECK(::getpgid(running.child->pid()) == (own ? running.child->pid() : ::getpgrp()));
    running.child->signal(SIGKILL);
    CHECK(running.run_until([&] { return running.exits > 0; }));
  }
}

TEST_CASE("child: it takes no blocked signals along", "[child]") {
  sigset_t blocked, old;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  REQUIRE(::pthread_sigmask(SIG_BLOCK, &blocked, &old) == 0);
  Running running(ChildOptions{.argv = {"sleep", "60"}});
  ::pthread_sigmask(SIG_SETMASK, &old, nullptr);
  running.child->signal(SIGTERM);
  CHECK(running.run_until([&] { return running.exits > 0; }));
  CHECK(WTERMSIG(running.status) == SIGTERM);
}

TEST_CASE("child: before_exec runs in the child", "[child]") {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  ChildOptions options{.argv = {"true"}};
  options.before_exec = [fd = ends[1]] {
    pid_t self = ::getpid();
    if (::write(fd, &self, sizeof self) < 0) return;
  };
  Running running(options);
  pid_t pid = 0;
  REQUIRE(::read(ends[0], &pid, sizeof pid) == sizeof pid);
  CHECK(pid == running.child->pid());
  CHECK(running.run_until([&] { return running.exits > 0; }));
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_CASE("child: it inherits only its three streams", "[child]") {
  // Low and high ones, as a library leaves them.
  int low = ::open("/dev/null", O_RDONLY);
  int high = ::fcntl(low, F_DUPFD, 200);
  REQUIRE(high >= 200);
  for (bool capture : {true, false}) {
    Temporary root;
    ChildOptions options{.argv = {"sh", "-c", "exec ls /proc/self/fd >list"}, .directory = root.path()};
    options.capture = capture;
    Running running(options);
    REQUIRE(running.run_until([&] { return running.exits > 0; }));
    CHECK(read_file(root / "list") == "0\n1\n2\n3\n");  // the last is ls's own
  }
  ::close(low);
  ::close(high);
}

TEST_CASE("child: stapkill's own streams may be closed", "[child]") {
  pid_t between = ::fork();
  REQUIRE(between >= 0);
  if (between == 0) {
    for (int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::close(fd);
    auto finished = run_child(ChildOptions{.argv = {"sh", "-c", "cat; echo out; echo err >&2"}}, kLimit);
    ::_exit(finished && finished->out == "out\n" && finished->err == "err\n" ? 0 : 1);
  }
  int status = -1;
  REQUIRE(::waitpid(between, &status, 0) == between);
  CHECK(status == 0);
}

TEST_CASE("child: on_exit is never called before its end", "[child]") {
  ChildOptions options{.argv = {"true"}};
  options.capture = false;
  options.started = [](int pid) {
    siginfo_t info{};
    while (::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
    }
  };
  Running running(options);  // it has ended by now
  CHECK(running.exits == 0);
  CHECK(running.run_until([&] { return running.exits > 0; }));
}

TEST_CASE("child: none of stapkill's handlers runs in it", "[child]") {
  struct sigaction action {
  }, old{};
  action.sa_handler = [](int) {};
  ::sigaction(SIGUSR1, &action, &old);
  ChildOptions options{.argv = {"true"}};
  options.before_exec = [] { ::raise(SIGUSR1); };
  auto finished = run_child(options, kLimit);
  ::sigaction(SIGUSR1, &old, nullptr);
  REQUIRE(finished.has_value());
  REQUIRE(WIFSIGNALED(finished->status));
  CHECK(WTERMSIG(finished->status) == SIGUSR1);
}

TEST_CASE("child: one that could not be executed leaves no zombie", "[child]") {
  REQUIRE_FALSE(run_child(ChildOptions{.argv = {"/no/such/program"}}, kLimit).has_value());
  CHECK(::waitpid(-1, nullptr, WNOHANG) == -1);
  CHECK(errno == ECHILD);
}

TEST_CASE("child: a signal reaches it, and none after its end", "[child]") {
  Running running(ChildOptions{.argv = {"sleep", "60"}});
  CHECK(running.child->running());
  CHECK(running.child->pid() > 0);
  running.child->signal(SIGINT);
  REQUIRE(running.run_until([&] { return running.exits > 0; }));
  CHECK(WTERMSIG(running.status) == SIGINT);
  CHECK_FALSE(running.child->running());
  running.child->signal(SIGKILL);  // must go nowhere: its pid may be another's
  running.loop.poll();
  CHECK(running.exits == 1);
}

TEST_CASE("child: on_exit is called once, and last", "[child]") {
  Running running("echo a; echo b >&2");
  bool early = false;
  REQUIRE(running.run_until([&] {
    early = early || (running.exits && (running.out.empty() || running.err.empty()));
    return running.exits > 0;
  }));
  CHECK_FALSE(early);
  CHECK(running.out == "a\n");
  CHECK(running.err == "b\n");
  running.loop.poll();
  CHECK(running.exits == 1);
}

TEST_CASE("child: without capture it shares the streams", "[child]") {
  ChildOptions options{.argv = {"sh", "-c", "exit 4"}};
  options.capture = false;
  Running running(options);
  REQUIRE(running.run_until([&] { return running.exits > 0; }));
  CHECK(WEXITSTATUS(running.status) == 4);
}

TEST_CASE("child: without capture SIGPIPE ends it as it would from a shell", "[child]") {
  auto old = ::signal(SIGPIPE, SIG_IGN);
  ChildOptions options{.argv = {"sh", "-c", "kill -PIPE $$; exit 4"}};
  options.capture = false;
  Running running(options);
  ::signal(SIGPIPE, old);
  REQUIRE(running.run_until([&] { return running.exits > 0; }));
  REQUIRE(WIFSIGNALED(running.status));
  CHECK(WTERMSIG(running.status) == SIGPIPE);
}

TEST_CASE("child: destroyed while it runs it is killed and says nothing more", "[child]") {
  Running running("echo x; exec sleep 60");
  REQUIRE(running.run_until([&] { return !running.out.empty(); }));
  int pid = running.child->pid();
  running.child.reset();
  auto gone = [&] {
    siginfo_t info{};
    return ::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == pid;
  };
  CHECK(running.run_until(gone));
  CHECK(running.exits == 0);
}

TEST_CASE("child: destroyed between its end and on_exit", "[child]") {
  Running running("true");
  siginfo_t info{};
  // It is dead, or already reaped, and its callbacks are due.
  int waited = -1;
  do {
    waited = ::waitid(P_PID, static_cast<id_t>(running.child->pid()), &info, WEXITED | WNOWAIT);
  } while (waited != 0 && errno == EINTR);
  REQUIRE((waited == 0 || errno == ECHILD));
  running.child.reset();
  running.loop.run_for(1s);
  CHECK(running.exits == 0);
}

TEST_CASE("child: released it lives on", "[child]") {
  int pid = 0;
  {
    Running running(ChildOptions{.argv = {"sleep", "60"}});
    pid = running.child->pid();
    running.child->release();
  }
  CHECK(::kill(pid, 0) == 0);
  ::kill(pid, SIGTERM);
  int status = 0;
  REQUIRE(::waitpid(pid, &status, 0) == pid);
  CHECK(WTERMSIG(status) == SIGTERM);  // nobody killed it before
}

TEST_CASE("child: paused output waits and is not lost", "[child]") {
  Running running("i=0; while [ $i -lt 3000 ]; do echo line $i; i=$((i+1)); done; echo end >&2");
  running.child->pause_output(true);
  running.child->pause_output(true);
  REQUIRE(running.run_until([&] { return running.err == "end\n"; }));
  running.loop.poll();
  auto before = running.out.size();
  CHECK(running.exits == 0);  // its output is not at its end
  running.child->pause_output(false);
  REQUIRE(running.run_until([&] { return running.exits > 0; }));
  CHECK(running.out.size() > before);
  std::string expected;
  for (int i = 0; i < 3000; ++i) expected += "line " + std::to_string(i) + "\n";
  CHECK(running.out == expected);
}

TEST_CASE("child: one that takes too long is ended", "[child]") {
  auto finished = run_child(ChildOptions{.argv = {"sleep", "60"}}, 0);
  CHECK((!finished || WTERMSIG(finished->status) == SIGTERM));
}

TEST_CASE("child: when this process dies it gets the signal that was asked for", "[child]") {
  // A process between: it starts the child and ends.
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  pid_t between = ::fork();
  REQUIRE(between >= 0);
  if (between == 0) {
    boost::asio::io_context loop;
    ChildOptions options{.argv = {"sleep", "60"}};
    options.parent_death_signal = SIGTERM;
    options.capture = false;
    auto child = Child::start(loop, options, {}, {}, {});
    pid_t pid = child ? (*child)->pid() : 0;
    if (::write(ends[1], &pid, sizeof pid) < 0) ::_exit(1);
    ::kill(::getpid(), SIGKILL);
  }
  pid_t pid = 0;
  REQUIRE(::read(ends[0], &pid, sizeof pid) == sizeof pid);
  REQUIRE(pid > 0);
  ::close(ends[1]);
  REQUIRE(::waitpid(between, nullptr, 0) == between);
  // The write end lives on in the child alone: its end is that of the pipe.
  char byte = 0;
  CHECK(::read(ends[0], &byte, 1) == 0);
  ::close(ends[0]);
}
