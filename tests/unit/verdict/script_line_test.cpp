#include "verdict/script_line.h"

#include "catch.h"

using namespace stapkill;

namespace {

Process runs(int pid, std::string exe, std::vector<std::string> argv) {
  Process process;
  process.pid = pid;
  process.exe = std::move(exe);
  process.argv = std::move(argv);
  return process;
}

const Process kShell = runs(10, "/bin/bash", {"bash", "/srv/stop.sh"});
const Process kKill = runs(11, "/bin/kill", {"/bin/kill", "-9", "5"});

kernel::BashLine at(int number) {
  kernel::BashLine line;
  line.number = number;
  return line;
}

ScriptText text(std::string line, bool sources = false) {
  return {std::move(line), sources};
}

}  // namespace

TEST_CASE("script line: at the script's own level the number is enough", "[script_line]") {
  CHECK(script_line(kShell, at(7), text("  $how \"$1\" \r"), kKill) == ScriptLine{7, "$how \"$1\""});
  CHECK(script_line(kShell, at(7), std::nullopt, kKill) == ScriptLine{7, ""});
  CHECK(script_line(kShell, at(7), text(""), kKill) == ScriptLine{7, ""});
}

TEST_CASE("script line: nothing is known without a number or a script", "[script_line]") {
  CHECK_FALSE(script_line(kShell, at(0), text("kill"), kKill));
  CHECK_FALSE(script_line(runs(10, "/bin/bash", {"bash", "-c", "kill 5"}), at(7), text("kill"), kKill));
  CHECK_FALSE(script_line(runs(10, "/bin/kill", {"kill", "5"}), at(7), text("kill"), kKill));
}

TEST_CASE("script line: a sourced file has lines of its own", "[script_line]") {
  auto line = at(7);
  line.in_source = true;
  CHECK_FALSE(script_line(kShell, line, text("/bin/kill -9 5"), kKill));
}

TEST_CASE("script line: in a text the line has to name the command", "[script_line]") {
  auto line = at(7);
  line.in_text = true;
  CHECK(script_line(kShell, line, text("eval \"/bin/kill -9 5\""), kKill));
  CHECK(script_line(kShell, line, text("x=`kill -9 5`"), kKill));
  CHECK_FALSE(script_line(kShell, line, text("pkill -9 5; skill; kill.sh; a_kill; kill-all"), kKill));
  CHECK_FALSE(script_line(kShell, line, std::nullopt, kKill));
}

TEST_CASE("script line: a function can be another file's", "[script_line]") {
  auto line = at(7);
  line.in_function = true;
  CHECK(script_line(kShell, line, text("$how 5"), kKill));
  CHECK_FALSE(script_line(kShell, line, text("$how 5", true), kKill));
  CHECK(script_line(kShell, line, text("kill 5", true), kKill));
  CHECK_FALSE(script_line(kShell, line, std::nullopt, kKill));
}

TEST_CASE("script line: what names a command", "[script_line]") {
  auto line = at(7);
  line.in_text = true;
  CHECK(script_line(kShell, line, text("kill 5"), kShell));  // a builtin
  CHECK_FALSE(script_line(kShell, line, text("bash"), kShell));
  auto other = runs(12, "/bin/bash", {"/bin/bash", "./end.sh", "5"});
  CHECK(script_line(kShell, line, text("./end.sh 5"), other));
  CHECK_FALSE(script_line(kShell, line, text("./send.sh 5"), other));
  auto subshell = runs(12, "/bin/bash", {"bash", "/srv/stop.sh"});
  CHECK_FALSE(script_line(kShell, line, text("stop.sh"), subshell));
}

TEST_CASE("script line: a long line is cut", "[script_line]") {
  CHECK(script_line(kShell, at(1), text(std::string(5000, 'x')), kKill)->text.size() == 400);
}
