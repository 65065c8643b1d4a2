#include <algorithm>

#include "made_host.h"

using namespace stapkill;

namespace {

Fact<Ran> exited(int status, std::string out, std::string err = {}) {
  return known(Ran{status << 8, std::move(out), std::move(err)});
}

/// Trials with the outcome that a test wants.
struct Played : Smoke {
  Fact<Ran> empty = exited(0, ""), watch = exited(0, "compiled\n"), run = exited(0, "loaded\n");
  bool stop = false;
  std::string done;
  Fact<Ran> build_empty(const std::string&, Shims) override {
    done += "empty ";
    return empty;
  }
  Fact<Ran> build_watch(const std::string&, Shims) override {
    done += "watch ";
    return watch;
  }
  Fact<Ran> run_watch() override {
    done += "run ";
    return run;
  }
  bool cached(const std::string&) override { return false; }
  bool interrupted() const override { return stop; }
};

/// On this machine: only here anything is tried.
CheckOutcome tried(CheckOutcome (*examine)(const Host&), Played& smoke, bool deep = true, bool running = true) {
  auto facts = Facts::live();
  Host host{*facts, {}, {}, "6.1"};
  host.smoke = &smoke;
  host.deep = deep;
  host.running = running;
  return examine(host);
}

}  // namespace

TEST_CASE("smoke.build", "[checks]") {
  Played smoke;
  auto finding = tried(check_smoke_build, smoke);
  CHECK(word(finding) == "pass");
  CHECK(finding.message == "compiled");
  CHECK(smoke.done == "empty watch ");

  Played no_empty;
  no_empty.empty = exited(1, "", "first\nPass 4: compilation failed.\n\n");
  finding = tried(check_smoke_build, no_empty);
  CHECK(word(finding) == "fail");
  CHECK(finding.message == "an empty probe does not compile: Pass 4: compilation failed.");
  CHECK(finding.evidence[0].value == "exited with status 1");
  CHECK(has(finding.evidence[1].value, "first"));
  CHECK(no_empty.done == "empty ");

  Played no_watch;
  no_watch.watch = known(Ran{9, "", ""});
  finding = tried(check_smoke_build, no_watch);
  CHECK(word(finding) == "fail");
  CHECK(finding.message == "an empty probe compiles, but the watch module does not compile: no message");
  CHECK(finding.evidence[0].value == "was killed by SIGKILL");
}

TEST_CASE("smoke.build: the first error is quoted", "[checks]") {
  auto quoted = [](const std::string& said) {
    Played smoke;
    smoke.empty = exited(1, "", said);
    auto message = tried(check_smoke_build, smoke).message.english();
    const std::string begin = "an empty probe does not compile: ";
    CHECK(message.starts_with(begin));
    return message.substr(std::min(begin.size(), message.size()));
  };
  // As Debian's stap ends.
  const std::string end =
      "WARNING: kbuild exited with status: 2\n"
      "Pass 4: compilation failed.  [man error::pass4]\n"
      "Tip: /usr/share/doc/systemtap/README.Debian should help you get started.\n";
  CHECK(quoted("In file included from /tmp/stap1/x_src.c:26:\n"
               "/usr/share/systemtap/runtime/stp_task_work.c:40:24: error: too few arguments to function 'f'\n"
               "   40 |         return (* (f) x)(y);\n"
               "/usr/share/systemtap/runtime/other.c:1:1: error: what follows from it\n"
               "cc1: all warnings being treated as errors\n"
               "make[1]: *** [/usr/src/linux/Makefile:2001: /tmp/stap1] Error 2\n" +
               end) == "/usr/share/systemtap/runtime/stp_task_work.c:40:24: error: too few arguments to function 'f'");
  CHECK(quoted("WARNING: something with an error: that is none\nsemantic error: no match\n" + end) ==
        "semantic error: no match");
  CHECK(quoted("  x.c:1:1: fatal error: linux/y.h: No such file or directory\n" + end) ==
        "x.c:1:1: fatal error: linux/y.h: No such file or directory");
  CHECK(quoted("ERROR: modpost: \"module_mutex\" [/tmp/x.ko] undefined!\n" + end) ==
        "ERROR: modpost: \"module_mutex\" [/tmp/x.ko] undefined!");
  CHECK(quoted("gcc -Werror=date-time -o x.o x.c\nmake: *** [Makefile:1: x] Error 1\n" + end) ==
        "Pass 4: compilation failed.  [man error::pass4]");
  CHECK(quoted("Tip: alone\n") == "no message");
}

TEST_CASE("smoke.build: nothing more is compiled once the user wants it to end", "[checks]") {
  Played smoke;
  smoke.empty = unknown<Ran>("interrupted");
  smoke.stop = true;
  CHECK(word(tried(check_smoke_build, smoke)) == "skip");
  CHECK(smoke.done == "empty ");
}

TEST_CASE("smoke.run", "[checks]") {
  Played smoke;
  auto finding = tried(check_smoke_run, smoke);
  CHECK(word(finding) == "pass");
  CHECK(finding.message == "loaded");
  Played not_deep;
  finding = tried(check_smoke_run, not_deep, false);
  CHECK(word(finding) == "skip");
  CHECK(finding.blocked_by.empty());
  CHECK(has(finding.message, "--deep"));
  CHECK(not_deep.done.empty());
  CHECK(word(tried(check_smoke_run, not_deep, true, false)) == "skip");
  CHECK(not_deep.done.empty());
  Played refused;
  refused.run = exited(1, "", "Invalid module format");
  finding = tried(check_smoke_run, refused);
  CHECK(word(finding) == "fail");
  CHECK(has(finding.message, "Invalid module format"));
}

TEST_CASE("smoke: nothing is tried for a captured host, a saved outcome counts", "[checks]") {
  MadeHost captured;
  Played smoke;
  captured.smoke = &smoke;
  captured.deep = true;
  CHECK(word(captured.check(check_smoke_build)) == "skip");
  CHECK(word(captured.check(check_smoke_run)) == "skip");
  CHECK(smoke.done.empty());
  MadeHost saved;
  saved.say("outcome", "build watch " + saved.release, {{"status", 256}, {"out", ""}, {"err", "it broke"}});
  CHECK(word(saved.check(check_smoke_build)) == "fail");
  saved.say("outcome", "build watch " + saved.release, {{"status", 0}, {"out", "before"}, {"err", ""}});
  CHECK(word(saved.check(check_smoke_build)) == "pass");
  saved.shims = Shims::leave_out;  // another question
  CHECK(word(saved.check(check_smoke_build)) == "skip");
}
