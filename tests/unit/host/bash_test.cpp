#include "host/bash.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <sstream>
#include <thread>

#include "base/time.h"
#include "catch.h"
#include "host/procfs.h"
#include "sys/clock.h"
#include "sys/file.h"
#include "temporary.h"

using namespace stapkill;

namespace {

/// A real bash that runs a script, until this goes out of scope.
class Shell {
 public:
  explicit Shell(const std::string& script) : pid_(::fork()) {
    if (pid_ == 0) {
      ::execl("/bin/bash", "bash", script.c_str(), static_cast<char*>(nullptr));
      ::_exit(127);
    }
  }
  Shell(const Shell&) = delete;
  Shell& operator=(const Shell&) = delete;
  ~Shell() { end(); }
  void end() {
    if (pid_ > 0) ::kill(pid_, SIGKILL);
    if (pid_ > 0) ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }
  int pid() const { return pid_; }

 private:
  int pid_;
};

void wait_for(const std::string& file) {
  for (int turn = 0; turn < 1000 && ::access(file.c_str(), F_OK) != 0; ++turn)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
}

/// The number in a field of /proc/PID/stat, counted from 1, beyond the comm.
std::uint64_t stat_field(int pid, int field) {
  auto text = *read_file("/proc/" + std::to_string(pid) + "/stat");
  std::istringstream words(text.substr(text.rfind(')') + 2));
  std::string word;
  for (int at = 3; at <= field; ++at) words >> word;
  return std::stoull(word);
}

int variable(int pid, std::uint64_t address) {
  Fd memory(::open(("/proc/" + std::to_string(pid) + "/mem").c_str(), O_RDONLY | O_CLOEXEC));
  int value = -1;
  REQUIRE(::pread(memory.get(), &value, sizeof value, static_cast<off_t>(address)) == sizeof value);
  return value;
}

/// A command that waits, by a builtin: no other process is left behind.
std::string waits(const Temporary& folder) {
  auto pipe = (folder / "pipe").string();
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  return "read -r _ <>" + pipe;
}

std::string script_of_lines(const Temporary& folder, const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += line + '\n';
  return folder.write("script", text).string();
}

}  // namespace

TEST_CASE("bash: its layout finds its variables in a real one", "[bash]") {
  Temporary folder;
  auto ready = (folder / "ready").string();
  // A builtin that waits: the shell itself is at that line.
  Shell shell(script_of_lines(folder, {"# a function", "f() {", "  : >" + ready, "  " + waits(folder), "}", "f"}));
  wait_for(ready);
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  auto layout = bash_layout_of(shell.pid());
  REQUIRE(layout);
  // Fields 26, 27: startcode, endcode; 45, 46: start_data, end_data (proc(5)).
  auto end_code = stat_field(shell.pid(), 27), start_data = stat_field(shell.pid(), 45),
       end_data = stat_field(shell.pid(), 46);
  CHECK(end_data - start_data == layout->data);
  CHECK(end_data - end_code == layout->code);
  auto value = [&](std::int64_t place) { return variable(shell.pid(), end_data + static_cast<std::uint64_t>(place)); };
  CHECK(value(layout->line) == 4);
  CHECK(value(layout->text) == 0);
  CHECK(value(layout->function) == 1);
  CHECK(value(layout->source) == 0);
  auto installed = installed_bashes();
  CHECK(std::find(installed.begin(), installed.end(), *layout) != installed.end());
}

TEST_CASE("bash: another program has no layout", "[bash]") {
  CHECK_FALSE(bash_layout_of(::getpid()));
  CHECK_FALSE(bash_layout_of(0));
  Fd text(::open("/etc/passwd", O_RDONLY | O_CLOEXEC));
  CHECK_FALSE(bash_layout(text.get()));
  CHECK(installed_bashes("/nowhere").empty());
}

TEST_CASE("bash: lines of the script that a shell has open", "[bash]") {
  Temporary folder;
  auto ready = (folder / "ready").string();
  auto script = script_of_lines(folder, {"# first", "  : >" + ready, waits(folder), "true"});
  Shell shell(script);
  wait_for(ready);
  auto process = read_process(shell.pid())->process;
  ScriptFiles files;
  CHECK(files.text(process, "/etc/shadow", 1)->line == "# first");  // what it has open, not what is claimed
  CHECK(files.text(process, script, 4)->line == "true");
  CHECK_FALSE(files.text(process, script, 5));
  CHECK_FALSE(files.text(process, script, 0));
  CHECK_FALSE(files.text(process, script, 1)->sources);

  std::ofstream(script, std::ios::app) << ". ./more\n";
  CHECK(files.text(process, script, 5)->line == ". ./more");
  CHECK(files.text(process, script, 1)->sources);
}

TEST_CASE("bash: the script of a shell that has ended is read if it is root's and as it was", "[bash]") {
  Temporary folder;
  auto ready = (folder / "ready").string();
  auto script = script_of_lines(folder, {"# first", ": >" + ready, waits(folder)});
  std::this_thread::sleep_for(std::chrono::milliseconds(50));  // a start is known to 10 ms
  Shell shell(script);
  wait_for(ready);
  auto process = read_process(shell.pid())->process;
  process.started = time_of_start(process.start, wall_of_boot(0));
  shell.end();
  ScriptFiles files;
  process.uid = 0;
  CHECK(files.text(process, script, 1)->line == "# first");
  CHECK_FALSE(files.text(process, "script", 1));
  CHECK_FALSE(files.text(process, (folder / "none").string(), 1));
  auto link = (folder / "link").string();
  REQUIRE(::symlink(script.c_str(), link.c_str()) == 0);
  CHECK_FALSE(files.text(process, link, 1));

  auto other = process;
  other.uid = 1000;
  CHECK_FALSE(files.text(other, script, 1));
  other = process;
  other.cgroup = "/docker/" + std::string(64, 'a');
  CHECK_FALSE(files.text(other, script, 1));

  std::ofstream(script, std::ios::app) << "changed\n";
  CHECK_FALSE(files.text(process, script, 1));
}

TEST_CASE("bash: which scripts run other files in their own process", "[bash]") {
  struct {
    const char* line;
    bool sources;
  } const rows[] = {
      {". ./lib.sh", true},  {"  source lib.sh", true}, {"[ -e x ] && . x", true}, {"if true; then . x; fi", true},
      {"./lib.sh", false},   {"echo a.b", false},       {"x=..", false},           {"(. x)", true},
      {"resource x", false}, {"ls .", false},           {"source", false},         {"true;. x", true},
  };
  for (const auto& row : rows) {
    Temporary folder;
    auto ready = (folder / "ready").string();
    auto script = script_of_lines(folder, {": >" + ready, waits(folder), row.line});
    Shell shell(script);
    wait_for(ready);
    INFO(row.line);
    auto text = ScriptFiles().text(read_process(shell.pid())->process, script, 1);
    REQUIRE(text);
    CHECK(text->sources == row.sources);
  }
}
