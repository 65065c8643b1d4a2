#include "backend/wire_lines.h"

using namespace wire_lines;

TEST_CASE("wire: hello", "[wire]") {
  Line line{std::string(kHello)};
  REQUIRE(line.ok);
  const auto& hello = is<kernel::Hello>(line.event);
  CHECK(line.event.cpu == 1);
  CHECK(line.event.sequence == 1);
  CHECK(line.event.boot == 1000);
  CHECK(hello.version == kWireVersion);
  CHECK(hello.module == "stap_abc_1");
}

TEST_CASE("wire: describe", "[wire]") {
  Line line{std::string(kDescribe)};
  REQUIRE(line.ok);
  const auto& image = is<kernel::Describe>(line.event);
  CHECK(line.event.cpu == 0);
  CHECK(line.event.sequence == 2);
  CHECK(line.event.boot == 2000);
  CHECK(image.task.pid == 200);
  CHECK(image.task.tid == 201);
  CHECK(image.task.start == 55);
  CHECK(image.parent == 150);
  CHECK(image.task.uid == 1000);
  CHECK(image.task.comm == "my shell");
  CHECK(image.exe == "/usr/bin/bash");
  CHECK(image.cwd == "/srv");
  CHECK(image.cgroup == "/");
  CHECK(image.argv_bytes == 8);
  CHECK(image.argv == std::string_view("bash\0-l\0", 8));
}

TEST_CASE("wire: exec", "[wire]") {
  Line line{std::string(kExec)};
  REQUIRE(line.ok);
  const auto& exec = is<kernel::Exec>(line.event);
  CHECK(line.event.cpu == 3);
  CHECK(exec.task.pid == 200);
  CHECK(exec.exe == "/usr/bin/kill");
  CHECK(exec.argv == std::string_view("kill\0-9\0"
                                      "42\0",
                                      11));
}

TEST_CASE("wire: unknown is not the same as empty", "[wire]") {
  Line unknown("X 0 1 2 200 200 55 150 0 kill - - - 0 -");
  REQUIRE(unknown.ok);
  const auto& nothing = is<kernel::Exec>(unknown.event);
  CHECK_FALSE(nothing.exe.has_value());
  CHECK_FALSE(nothing.cwd.has_value());
  CHECK_FALSE(nothing.cgroup.has_value());
  CHECK_FALSE(nothing.argv.has_value());
  Line empty("X 0 1 2 200 200 55 150 0 % % % % 0 %");
  REQUIRE(empty.ok);
  const auto& blank = is<kernel::Exec>(empty.event);
  CHECK(blank.task.comm.empty());
  CHECK(blank.exe == "");
  CHECK(blank.cwd == "");
  CHECK(blank.cgroup == "");
  CHECK(blank.argv == "");
  Line dash("X 0 1 2 200 200 55 150 0 %2d %2d a- -a 3 -%00");
  REQUIRE(dash.ok);
  const auto& dashes = is<kernel::Exec>(dash.event);
  CHECK(dashes.task.comm == "-");
  CHECK(dashes.exe == "-");
  CHECK(dashes.cwd == "a-");
  CHECK(dashes.cgroup == "-a");
  CHECK(dashes.argv == std::string_view("-\0", 2));
}

TEST_CASE("wire: a login and a terminal, which older recordings do not have", "[wire]") {
  Line line("P 0 1 2 200 200 55 150 0 kill - - - 0 - 1000 3 pts0");
  REQUIRE(line.ok);
  const auto& image = is<kernel::Describe>(line.event);
  CHECK(image.login == Login{1000, 3});
  CHECK(image.tty == "pts0");
  Line nobody("P 0 1 2 200 200 55 150 0 kill - - - 0 - -1 -1 %");
  REQUIRE(nobody.ok);
  CHECK(is<kernel::Describe>(nobody.event).login == Login{-1, -1});
  CHECK(is<kernel::Describe>(nobody.event).tty == "");
  for (const char* unknown :
       {"P 0 1 2 200 200 55 150 0 kill - - - 0 - - - -", "P 0 1 2 200 200 55 150 0 kill - - - 0 -"}) {
    Line none(unknown);
    REQUIRE(none.ok);
    CHECK_FALSE(is<kernel::Describe>(none.event).login);
    CHECK_FALSE(is<kernel::Describe>(none.event).tty);
  }
  CHECK_FALSE(Line("P 0 1 2 200 200 55 150 0 kill - - - 0 - 1000 3").ok);
  CHECK_FALSE(Line("P 0 1 2 200 200 55 150 0 kill - - - 0 - alice 3 pts0").ok);
}

TEST_CASE("wire: fork", "[wire]") {
  Line line{std::string(kFork)};
  REQUIRE(line.ok);
  const auto& fork = is<kernel::Fork>(line.event);
  CHECK(fork.parent == 1);
  CHECK(fork.task.pid == 150);
  CHECK(fork.task.start == 50);
  CHECK(fork.child.pid == 200);
  CHECK(fork.child.start == 55);
  CHECK(fork.child.uid == 1000);
  CHECK(fork.child.comm == "bash");
}

TEST_CASE("wire: rename", "[wire]") {
  Line line{std::string(kRename)};
  REQUIRE(line.ok);
  const auto& rename = is<kernel::Rename>(line.event);
  CHECK(rename.task.pid == 200);
  CHECK(rename.task.start == 55);
  CHECK(rename.task.comm == "a%b");
  CHECK(rename.task.uid == -1);  // unknown: a rename does not change it
}

TEST_CASE("wire: moved", "[wire]") {
  Line line{std::string(kMoved)};
  REQUIRE(line.ok);
  const auto& move = is<kernel::Move>(line.event);
  CHECK(move.task.pid == 200);
  CHECK(move.task.tid == 200);
  CHECK(move.task.start == 55);
  CHECK(move.task.uid == 1000);
  CHECK(move.task.comm == "my shell");
  CHECK(move.cgroup == "/a b/c");
  Line unknown("G 0 3 4 200 200 55 1000 sh -");
  REQUIRE(unknown.ok);
  CHECK_FALSE(is<kernel::Move>(unknown.event).cgroup);
}

TEST_CASE("wire: signal", "[wire]") {
  Line line{std::string(kSignal)};
  REQUIRE(line.ok);
  const auto& signal = is<kernel::Signal>(line.event);
  CHECK(line.event.cpu == 1);
  CHECK(line.event.sequence == 9);
  CHECK(line.event.boot == 123456789);
  CHECK(signal.number == 9);
  CHECK(signal.code == 0);
  CHECK(signal.result == 0);
  CHECK(signal.call == 62);
  CHECK(signal.own_context);
  CHECK_FALSE(signal.compat);
  CHECK(signal.task.pid == 200);
  CHECK(signal.task.tid == 201);
  CHECK(signal.task.start == 55);
  CHECK(signal.task.uid == 0);
  CHECK(signal.task.comm == "kill");
  CHECK(signal.target.pid == 100);
  CHECK(signal.target.tid == 100);
  CHECK(signal.target.start == 44);
  CHECK(signal.target.uid == 33);
  CHECK(signal.target.comm == "sleep");
  CHECK(ancestors(line.event) == Keys{{150, 50}, {1, 2}});
}

TEST_CASE("wire: a signal's context and codes", "[wire]") {
  Line interrupt("S 0 1 2 14 -2 0 1 -1 0 0 0 0 0 swapper/0 100 100 44 33 sleep -");
  REQUIRE(interrupt.ok);
  const auto& timer = is<kernel::Signal>(interrupt.event);
  CHECK(timer.code == -2);
  CHECK(timer.call == -1);
  CHECK_FALSE(timer.own_context);
  CHECK_FALSE(timer.compat);
  CHECK(timer.task.comm == "swapper/0");
  CHECK(timer.ancestors.empty());
  Line compat("S 0 1 2 9 0 4 0 37 3 200 201 55 0 kill 100 101 44 33 sleep 1.2");
  REQUIRE(compat.ok);
  const auto& old_call = is<kernel::Signal>(compat.event);
  CHECK(old_call.own_context);
  CHECK(old_call.compat);
  CHECK(old_call.result == 4);
  CHECK(old_call.target.tid == 101);
}

TEST_CASE("wire: a list of ancestors that was truncated anywhere is still sound", "[wire]") {
  const std::pair<const char*, Keys> lists[] = {{"150.50,1.2", {{150, 50}, {1, 2}}},
                                                {"150.50,1.", {{150, 50}, {1, 0}}},
                                                {"150.50,1", {{150, 50}, {1, 0}}},
                                                {"150.50,", {{150, 50}}},
                                                {"150.50", {{150, 50}}},
                                                {"150.5", {{150, 5}}},
                                                {"150.", {{150, 0}}},
                                                {"150", {{150, 0}}},
                                                {"1", {{1, 0}}},
                                                {"-", {}}};
  for (const auto& [list, expected] : lists) {
    INFO(list);
    auto text = "S 1 9 5 9 0 0 1 62 1 200 201 55 0 kill 100 100 44 33 sleep " + std::string(list);
    CHECK(parse(text)->ok);
    Line line(text);
    REQUIRE(line.ok);
    CHECK(ancestors(line.event) == expected);
    Line aimed(text + " 100");
    REQUIRE(aimed.ok);
    CHECK(ancestors(aimed.event) == expected);
    CHECK(is<kernel::Signal>(aimed.event).aim == 100);
  }
}

TEST_CASE("wire: an impossible process is not an ancestor", "[wire]") {
  const std::pair<const char*, Keys> lists[] = {{"0.5,7.8", {{7, 8}}},
                                                {"7.8,0", {{7, 8}}},
                                                {"-3.4,7.8", {{7, 8}}},
                                                {"x.1,7.8", {{7, 8}}},
                                                {".1,7.8", {{7, 8}}},
                                                {",,7.8,,", {{7, 8}}},
                                                {"99999999999.1,7.8", {{7, 8}}},
                                                {"7.x", {{7, 0}}},
                                                {"7.-8", {{7, 0}}},
                                                {"7.99999999999999999999999", {{7, 0}}},
                                                {",", {}},
                                                {".", {}}};
  for (const auto& [list, expected] : lists) {
    INFO(list);
    Line line("S 1 9 5 9 0 0 1 62 1 200 201 55 0 kill 100 100 44 33 sleep " + std::string(list));
    REQUIRE(line.ok);
    CHECK(ancestors(line.event) == expected);
  }
}

TEST_CASE("wire: returned", "[wire]") {
  Line line{std::string(kReturned)};
  REQUIRE(line.ok);
  const auto& returned = is<kernel::Return>(line.event);
  CHECK(returned.pid == 200);
  CHECK(returned.tid == 201);
  CHECK(returned.call == 0);
  CHECK(returned.value == -3);
}

TEST_CASE("wire: exit", "[wire]") {
  Line line{std::string(kExit)};
  REQUIRE(line.ok);
  const auto& exit = is<kernel::Exit>(line.event);
  CHECK(exit.task.pid == 100);
  CHECK(exit.task.tid == 100);
  CHECK(exit.task.start == 44);
  CHECK(exit.status == 9);
  CHECK(exit.watched);
  CHECK(exit.seccomp == 2);
  CHECK(exit.task.uid == 33);
  CHECK(exit.task.comm == "sleep");
  CHECK(exit.own_pid == 7);
  Line other("E 1 11 6 100 100 44 256 0 0 33 sleep");  // from before it had these fields
  REQUIRE(other.ok);
  const auto& older = is<kernel::Exit>(other.event);
  CHECK(older.own_pid == 0);
  CHECK(older.status == 256);
  CHECK_FALSE(older.watched);
}

TEST_CASE("wire: circumstances", "[wire]") {
  Line line{std::string(kCircumstances)};
  REQUIRE(line.ok);
  const auto& around = is<kernel::Around>(line.event);
  REQUIRE(around.seen);
  const Circumstances& seen = *around.seen;
  CHECK(seen.target_tid == 101);
  CHECK(seen.signal == 9);
  CHECK(seen.oom_score_adj == -500);
  CHECK(seen.pdeath_signal == 15);
  CHECK(seen.threads == 2);
  REQUIRE(seen.memory);
  CHECK(seen.memory->level == 1);
  CHECK(seen.memory->usage == 16384);
  CHECK(seen.memory->limit == 16390);
  CHECK(seen.memory->group == "pod 1");
  CHECK(seen.ptrace == 8388608);
  CHECK(seen.address == 4096);
  CHECK(seen.instruction == ~std::uint64_t{0});
  CHECK(seen.place == 7);
  CHECK(seen.cpu_ns == 1'000'000'000);
  CHECK(seen.cpu_soft == 1);
  CHECK(seen.cpu_hard == 2);
  CHECK(seen.file_size == Circumstances::kUnlimited);
  CHECK(seen.core_size == 0);
  CHECK(seen.tty == "pts3");
  CHECK(seen.file == "libc.so.6");
  CHECK(seen.stack == std::vector<std::string>{"stap_probe", "send_signal_locked", "__oom_kill_process"});
  CHECK(seen.stack_limit == Circumstances::kUnlimited);  // of a recording from before it was there
  CHECK_FALSE(seen.held);
  Line more{std::string(kCircumstances) + " 140737488347136 140737488351232 8388608 500 300 20 7 1 40960"};
  REQUIRE(more.ok);
  REQUIRE(is<kernel::Around>(more.event).seen);
  const Circumstances& newer = *is<kernel::Around>(more.event).seen;
  CHECK(newer.stack_pointer == 140737488347136);
  CHECK(newer.stack_top == 140737488351232);
  CHECK(newer.stack_limit == 8388608);
  REQUIRE(newer.held);
  CHECK(newer.held->total == 500);
  CHECK(newer.held->anon == 300);
  CHECK(newer.held->swap == 1);
  CHECK(newer.held->tables == 40960);
  CHECK(seen.in({"__oom_kill_process"}));
  CHECK_FALSE(seen.in({"oom_kill_process"}));
}

TEST_CASE("wire: circumstances of which little is known", "[wire]") {
  Line line("C 0 1 5 101 9 0 0 1 -1 0 0 0 0 0 0 0 0 0 0 0 - - - -");
  REQUIRE(line.ok);
  REQUIRE(is<kernel::Around>(line.event).seen);
  const Circumstances& seen = *is<kernel::Around>(line.event).seen;
  CHECK_FALSE(seen.memory);
  CHECK(seen.stack.empty());
  CHECK(seen.tty.empty());
}

TEST_CASE("wire: the out-of-memory killer's mark, and a SysRq request", "[wire]") {
  Line oom{std::string(kOom)};
  REQUIRE(oom.ok);
  CHECK(is<kernel::OomVictim>(oom.event).tid == 101);
  Line line{std::string(kSysrq)};
  REQUIRE(line.ok);
  const auto& sysrq = is<kernel::SysRq>(line.event);
  CHECK(sysrq.own_context);
  CHECK(sysrq.task.pid == 200);
  CHECK(sysrq.task.comm == "sh");
}

TEST_CASE("wire: a connection to a manager", "[wire]") {
  Line line{std::string(kConnect)};
  REQUIRE(line.ok);
  const auto& connect = is<kernel::Connect>(line.event);
  CHECK(connect.task.pid == 300);
  CHECK(connect.task.comm == "docker");
  CHECK(connect.listener == ProcessKey{1, 2});
  CHECK(connect.socket == "/run/docker.sock");
}

TEST_CASE("wire: the line that a bash runs, which older recordings lack", "[wire]") {
  Line old{std::string(kFork)}, line(std::string(kFork) + " 98");
  REQUIRE((old.ok && line.ok));
  CHECK(is<kernel::Fork>(old.event).bash == kernel::BashLine());
  CHECK(is<kernel::Fork>(line.event).bash.number == 12);
  CHECK(is<kernel::Fork>(line.event).bash.in_function);
  CHECK_FALSE(is<kernel::Fork>(line.event).bash.in_text);
  Line signal("S 1 9 123456789 9 0 0 1 62 57 200 201 55 0 bash 100 100 44 33 sleep 150.50 100 41");
  REQUIRE(signal.ok);
  CHECK(is<kernel::Signal>(signal.event).bash.number == 5);
  CHECK(is<kernel::Signal>(signal.event).bash.in_text);
}

TEST_CASE("wire: how a target takes a signal", "[wire]") {
  Line line("S 1 9 123456789 9 0 0 1 62 57 200 201 55 0 kill 100 100 44 33 sleep 150.50,1.2");
  REQUIRE(line.ok);
  const auto& signal = is<kernel::Signal>(line.event);
  CHECK(signal.own_context);
  CHECK(signal.exiting);
  CHECK(signal.blocked);
  CHECK(signal.handled);
  CHECK_FALSE(signal.compat);
}

TEST_CASE("wire: goodbye is about another CPU than the one that writes it", "[wire]") {
  Line line{std::string(kGoodbye)};
  REQUIRE(line.ok);
  const auto& goodbye = is<kernel::Goodbye>(line.event);
  CHECK(goodbye.last == 321);
  CHECK(goodbye.cpu == 5);
}

TEST_CASE("wire: fields of the line before do not stay", "[wire]") {
  KernelEvent event;
  WireStorage storage;
  REQUIRE(parse_wire(kDescribe, event, storage));
  REQUIRE(parse_wire("P 0 3 4 201 201 56 0 0 sh - - - 0 -", event, storage));
  CHECK_FALSE(is<kernel::Describe>(event).exe.has_value());
  CHECK_FALSE(is<kernel::Describe>(event).argv.has_value());
  CHECK(is<kernel::Describe>(event).parent == 0);
  REQUIRE(parse_wire(std::string(kSignal) + " 100", event, storage));
  CHECK(ancestors(event).size() == 2);
  REQUIRE(parse_wire("S 1 10 5 0 0 0 1 -1 0 0 0 0 0 swapper/0 0 0 0 0 swapper/0 -", event, storage));
  CHECK(ancestors(event).empty());
  CHECK_FALSE(is<kernel::Signal>(event).aim);
  CHECK(is<kernel::Signal>(event).target.pid == 0);
  CHECK(is<kernel::Signal>(event).number == 0);
  CHECK_FALSE(is<kernel::Signal>(event).own_context);
  REQUIRE(parse_wire(std::string(kExit) + " 5", event, storage));
  CHECK(is<kernel::Exit>(event).pending == 5);
  REQUIRE(parse_wire("E 1 11 6 100 100 44 256 0 0 33 sleep", event, storage));
  CHECK(is<kernel::Exit>(event).own_pid == 0);
  CHECK_FALSE(is<kernel::Exit>(event).pending);
}
