#include "backend/wire_lines.h"

using namespace wire_lines;

TEST_CASE("wire: hello", "[wire]") {
  Line line{std::string(kHello)};
  REQUIRE(line.ok);
  CHECK(line.event.kind == Kind::hello);
  CHECK(line.event.cpu == 1);
  CHECK(line.event.sequence == 1);
  CHECK(line.event.boot_ns == 1000);
  CHECK(line.event.value == kWireVersion);
  CHECK(line.event.module == "stap_abc_1");
}

TEST_CASE("wire: describe", "[wire]") {
  Line line{std::string(kDescribe)};
  REQUIRE(line.ok);
  const KernelEvent& event = line.event;
  CHECK(event.kind == Kind::describe);
  CHECK(event.cpu == 0);
  CHECK(event.sequence == 2);
  CHECK(event.boot_ns == 2000);
  CHECK(event.task.pid == 200);
  CHECK(event.task.tid == 201);
  CHECK(event.task.start == 55);
  CHECK(event.parent == 150);
  CHECK(event.task.uid == 1000);
  CHECK(event.task.comm == "my shell");
  CHECK(event.exe == "/usr/bin/bash");
  CHECK(event.cwd == "/srv");
  CHECK(event.cgroup == "/");
  CHECK(event.argv_bytes == 8);
  CHECK(event.argv == std::string_view("bash\0-l\0", 8));
}

TEST_CASE("wire: exec", "[wire]") {
  Line line{std::string(kExec)};
  REQUIRE(line.ok);
  CHECK(line.event.kind == Kind::exec);
  CHECK(line.event.cpu == 3);
  CHECK(line.event.task.pid == 200);
  CHECK(line.event.exe == "/usr/bin/kill");
  CHECK(line.event.argv == std::string_view("kill\0-9\0"
                                            "42\0",
                                            11));
}

TEST_CASE("wire: what could not be read is not the same as empty", "[wire]") {
  Line unknown("X 0 1 2 200 200 55 150 0 kill - - - 0 -");
  REQUIRE(unknown.ok);
  CHECK_FALSE(unknown.event.exe.has_value());
  CHECK_FALSE(unknown.event.cwd.has_value());
  CHECK_FALSE(unknown.event.cgroup.has_value());
  CHECK_FALSE(unknown.event.argv.has_value());
  Line empty("X 0 1 2 200 200 55 150 0 % % % % 0 %");
  REQUIRE(empty.ok);
  CHECK(empty.event.task.comm.empty());
  CHECK(empty.event.exe == "");
  CHECK(empty.event.cwd == "");
  CHECK(empty.event.cgroup == "");
  CHECK(empty.event.argv == "");
  Line dash("X 0 1 2 200 200 55 150 0 %2d %2d a- -a 3 -%00");
  REQUIRE(dash.ok);
  CHECK(dash.event.task.comm == "-");
  CHECK(dash.event.exe == "-");
  CHECK(dash.event.cwd == "a-");
  CHECK(dash.event.cgroup == "-a");
  CHECK(dash.event.argv == std::string_view("-\0", 2));
}

TEST_CASE("wire: fork", "[wire]") {
  Line line{std::string(kFork)};
  REQUIRE(line.ok);
  CHECK(line.event.kind == Kind::fork);
  CHECK(line.event.parent == 1);
  CHECK(line.event.task.pid == 150);
  CHECK(line.event.task.start == 50);
  CHECK(line.event.other.pid == 200);
  CHECK(line.event.other.start == 55);
  CHECK(line.event.other.uid == 1000);
  CHECK(line.event.other.comm == "bash");
}

TEST_CASE("wire: rename", "[wire]") {
  Line line{std::string(kRename)};
  REQUIRE(line.ok);
  CHECK(line.event.kind == Kind::rename);
  CHECK(line.event.task.pid == 200);
  CHECK(line.event.task.start == 55);
  CHECK(line.event.task.comm == "a%b");
  CHECK(line.event.task.uid == -1);  // not told: it does not change by a rename
}

TEST_CASE("wire: moved", "[wire]") {
  Line line{std::string(kMoved)};
  REQUIRE(line.ok);
  CHECK(line.event.kind == Kind::moved);
  CHECK(line.event.task.pid == 200);
  CHECK(line.event.task.tid == 200);
  CHECK(line.event.task.start == 55);
  CHECK(line.event.task.uid == 1000);
  CHECK(line.event.task.comm == "my shell");
  CHECK(line.event.cgroup == "/a b/c");
  Line unknown("G 0 3 4 200 200 55 1000 sh -");
  REQUIRE(unknown.ok);
  CHECK_FALSE(unknown.event.cgroup);
}

TEST_CASE("wire: signal", "[wire]") {
  Line line{std::string(kSignal)};
  REQUIRE(line.ok);
  const KernelEvent& event = line.event;
  CHECK(event.kind == Kind::signal);
  CHECK(event.cpu == 1);
  CHECK(event.sequence == 9);
  CHECK(event.boot_ns == 123456789);
  CHECK(event.signal == 9);
  CHECK(event.code == 0);
  CHECK(event.result == 0);
  CHECK(event.call == 62);
  CHECK(event.own_context);
  CHECK_FALSE(event.compat);
  CHECK(event.task.pid == 200);
  CHECK(event.task.tid == 201);
  CHECK(event.task.start == 55);
  CHECK(event.task.uid == 0);
  CHECK(event.task.comm == "kill");
  CHECK(event.other.pid == 100);
  CHECK(event.other.tid == 100);
  CHECK(event.other.start == 44);
  CHECK(event.other.uid == 33);
  CHECK(event.other.comm == "sleep");
  CHECK(event.ancestors == "150.50,1.2");
}

TEST_CASE("wire: a signal's context and codes", "[wire]") {
  Line kernel("S 0 1 2 14 -2 0 1 -1 0 0 0 0 0 swapper/0 100 100 44 33 sleep -");
  REQUIRE(kernel.ok);
  CHECK(kernel.event.code == -2);
  CHECK(kernel.event.call == -1);
  CHECK_FALSE(kernel.event.own_context);
  CHECK_FALSE(kernel.event.compat);
  CHECK(kernel.event.task.comm == "swapper/0");
  CHECK(kernel.event.ancestors.empty());
  Line compat("S 0 1 2 9 0 4 0 37 3 200 201 55 0 kill 100 101 44 33 sleep 1.2");
  REQUIRE(compat.ok);
  CHECK(compat.event.own_context);
  CHECK(compat.event.compat);
  CHECK(compat.event.result == 4);
  CHECK(compat.event.other.tid == 101);
}

TEST_CASE("wire: returned", "[wire]") {
  Line line{std::string(kReturned)};
  REQUIRE(line.ok);
  CHECK(line.event.kind == Kind::returned);
  CHECK(line.event.task.pid == 200);
  CHECK(line.event.task.tid == 201);
  CHECK(line.event.call == 0);
  CHECK(line.event.value == -3);
}

TEST_CASE("wire: exit", "[wire]") {
  Line line{std::string(kExit)};
  REQUIRE(line.ok);
  CHECK(line.event.kind == Kind::exit);
  CHECK(line.event.task.pid == 100);
  CHECK(line.event.task.tid == 100);
  CHECK(line.event.task.start == 44);
  CHECK(line.event.value == 9);
  CHECK(line.event.watched);
  CHECK(line.event.seccomp == 2);
  CHECK(line.event.task.uid == 33);
  CHECK(line.event.task.comm == "sleep");
  CHECK(line.event.own_pid == 7);
  Line other("E 1 11 6 100 100 44 256 0 0 33 sleep");  // from before it told that
  REQUIRE(other.ok);
  CHECK(other.event.own_pid == 0);
  CHECK(other.event.value == 256);
  CHECK_FALSE(other.event.watched);
}

TEST_CASE("wire: circumstances", "[wire]") {
  Line line{std::string(kCircumstances)};
  REQUIRE(line.ok);
  CHECK(line.event.kind == Kind::circumstances);
  REQUIRE(line.event.seen);
  const Circumstances& seen = *line.event.seen;
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
  CHECK(more.event.seen->stack_pointer == 140737488347136);
  CHECK(more.event.seen->stack_top == 140737488351232);
  CHECK(more.event.seen->stack_limit == 8388608);
  REQUIRE(more.event.seen->held);
  CHECK(more.event.seen->held->total == 500);
  CHECK(more.event.seen->held->anon == 300);
  CHECK(more.event.seen->held->swap == 1);
  CHECK(more.event.seen->held->tables == 40960);
  CHECK(seen.in({"__oom_kill_process"}));
  CHECK_FALSE(seen.in({"oom_kill_process"}));
}

TEST_CASE("wire: circumstances of which little is known", "[wire]") {
  Line line("C 0 1 5 101 9 0 0 1 -1 0 0 0 0 0 0 0 0 0 0 0 - - - -");
  REQUIRE(line.ok);
  CHECK_FALSE(line.event.seen->memory);
  CHECK(line.event.seen->stack.empty());
  CHECK(line.event.seen->tty.empty());
}

TEST_CASE("wire: the out-of-memory killer's mark, and who asked for SysRq", "[wire]") {
  Line oom{std::string(kOom)};
  REQUIRE(oom.ok);
  CHECK(oom.event.kind == Kind::oom_victim);
  CHECK(oom.event.task.tid == 101);
  Line sysrq{std::string(kSysrq)};
  REQUIRE(sysrq.ok);
  CHECK(sysrq.event.kind == Kind::sysrq);
  CHECK(sysrq.event.own_context);
  CHECK(sysrq.event.task.pid == 200);
  CHECK(sysrq.event.task.comm == "sh");
}

TEST_CASE("wire: how a target takes a signal", "[wire]") {
  Line line("S 1 9 123456789 9 0 0 1 62 57 200 201 55 0 kill 100 100 44 33 sleep 150.50,1.2");
  REQUIRE(line.ok);
  CHECK(line.event.own_context);
  CHECK(line.event.exiting);
  CHECK(line.event.blocked);
  CHECK(line.event.handled);
  CHECK_FALSE(line.event.compat);
}

TEST_CASE("wire: goodbye is about another CPU than the one that writes it", "[wire]") {
  Line line{std::string(kGoodbye)};
  REQUIRE(line.ok);
  CHECK(line.event.kind == Kind::goodbye);
  CHECK(line.event.value == 321);
  CHECK(line.event.ended_cpu == 5);
}

TEST_CASE("wire: fields of the line before do not stay", "[wire]") {
  KernelEvent event;
  std::string storage;
  REQUIRE(parse_wire(kDescribe, event, storage));
  REQUIRE(parse_wire(kSignal, event, storage));
  CHECK_FALSE(event.exe.has_value());
  CHECK_FALSE(event.argv.has_value());
  CHECK(event.parent == 0);
  REQUIRE(parse_wire(kExit, event, storage));
  CHECK(event.ancestors.empty());
  CHECK(event.other.pid == 0);
  CHECK(event.signal == 0);
  CHECK_FALSE(event.own_context);
}
