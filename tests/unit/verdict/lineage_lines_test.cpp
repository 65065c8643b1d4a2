#include "catch.h"
#include "events.h"
#include "verdict/lineage.h"

using namespace stapkill;
using events::exec;
using events::fork;
using events::task;
using namespace std::string_literals;

namespace {

const auto kShell = task(10, 100, "stop.sh"), kSubshell = task(11, 110, "stop.sh"), kKill = task(12, 120, "kill");

KernelEvent fork_at(const kernel::Task& creator, const kernel::Task& child, int line, std::int64_t boot = 0) {
  auto event = fork(creator, child);
  std::get<kernel::Fork>(event.what).bash.number = line;
  return events::at(boot, event);
}

/// A table that remembers which lines it asked for.
struct Table {
  std::vector<std::pair<int, int>> asked;  ///< the shell's pid, the line
  std::optional<ScriptText> text = ScriptText{"/bin/kill -9 5", false};
  Lineage lineage{{.script_text = [this](const Process& shell, int line) {
    asked.emplace_back(shell.pid, line);
    return text;
  }}};

  void take(const KernelEvent& event) { lineage.apply(event); }
  void start() { take(events::at(1, exec(kShell, 1, "/bin/bash", "bash\0/srv/stop.sh\0"s))); }
  std::optional<ScriptLine> line(const kernel::Task& of, std::size_t ancestor = 0) {
    return lineage.ancestry(of, {})->at(ancestor)->script_line;
  }
};

}  // namespace

TEST_CASE("lineage: an ancestor has the line where it started the process below", "[lineage]") {
  Table table;
  table.start();
  table.take(fork_at(kShell, kKill, 4, 2));
  table.take(events::at(3, exec(kKill, 10, "/bin/kill", "/bin/kill\0-9\0"s)));
  CHECK(table.line(kKill) == ScriptLine{4, "/bin/kill -9 5"});
  CHECK(table.asked.back() == std::pair(10, 4));
  auto other = task(13, 130, "kill");
  table.take(fork_at(kShell, other, 9, 4));
  CHECK(table.line(other)->number == 9);
  CHECK(table.line(kKill)->number == 4);
  CHECK_FALSE(table.lineage.find(kShell)->script_line);
}

TEST_CASE("lineage: a subshell's line is read from the file that its script's shell has open", "[lineage]") {
  Table table;
  table.start();
  table.take(fork_at(kShell, kSubshell, 4, 2));
  table.take(fork_at(kSubshell, kKill, 5, 3));
  CHECK(table.line(kKill, 0)->number == 5);
  CHECK(table.line(kKill, 1)->number == 4);
  CHECK(table.asked == std::vector<std::pair<int, int>>{{10, 5}, {10, 4}});
}

TEST_CASE("lineage: a shell that has become another program since has no line", "[lineage]") {
  Table table;
  table.start();
  table.take(fork_at(kShell, kKill, 4, 2));
  table.take(events::at(3, exec(kShell, 1, "/bin/bash", "bash\0/srv/other.sh\0"s)));
  CHECK_FALSE(table.line(kKill));
}

TEST_CASE("lineage: a line is asked for again once the command is known", "[lineage]") {
  Table table;
  table.start();
  auto event = fork_at(kShell, kKill, 4, 2);
  std::get<kernel::Fork>(event.what).bash.in_text = true;
  table.take(event);
  CHECK_FALSE(table.line(kKill));  // it is a copy of the shell still
  table.take(events::at(3, exec(kKill, 10, "/bin/kill", "/bin/kill\0-9\0"s)));
  CHECK(table.line(kKill)->number == 4);
  auto asked = table.asked.size();
  CHECK(table.line(kKill)->number == 4);
  CHECK(table.asked.size() == asked);
}

TEST_CASE("lineage: a line that is known outlives its script", "[lineage]") {
  Table table;
  table.start();
  table.take(fork_at(kShell, kKill, 4, 2));
  table.take(events::at(3, exec(kKill, 10, "/bin/kill", "/bin/kill\0-9\0"s)));
  CHECK(table.line(kKill)->text == "/bin/kill -9 5");
  table.text.reset();
  table.take(events::at(4, events::exit(kShell, 0)));
  CHECK(table.line(kKill)->text == "/bin/kill -9 5");
  CHECK(table.lineage.ancestry(kKill, {})->front()->ended);
}

TEST_CASE("lineage: the line of a sender, also when it is looked up again", "[lineage]") {
  Table table;
  table.start();
  kernel::BashLine line;
  CHECK_FALSE(table.lineage.find_at(kShell, line)->script_line);
  line.number = 6;
  auto sender = table.lineage.find_at(kShell, line);
  CHECK(sender->script_line == ScriptLine{6, "/bin/kill -9 5"});
  table.take(events::rename(task(10, 100, "other")));
  CHECK(table.lineage.again(sender)->comm == "other");
  CHECK(table.lineage.again(sender)->script_line == sender->script_line);
}
