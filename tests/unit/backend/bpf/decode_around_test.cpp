// What comes around a signal: circumstances, stacks, requests.
#include "backend/bpf/decode_records.h"
#include "backend/wire_lines.h"
#include "catch.h"

using namespace decode_records;
using namespace std::string_view_literals;
using wire_lines::is;

TEST_CASE("decode: executable memory, and the stack that uses it", "[decode]") {
  std::string_view path = "libc.so.6\0lib\0"sv;
  sk_code raw{.header = header(SK_CODE), .start = 0x1000, .end = 0x3000, .offset = 0x2000, .inode = 17, .device = 5};
  raw.path = {static_cast<std::uint32_t>(path.size()), SK_PATH_KNOWN};
  raw.used = raw.path.bytes;
  Decoded code(bytes_of(raw) + std::string(path));
  REQUIRE(code.ok);
  CHECK(is<kernel::Code>(code.event).mapping == CodeMapping{0x1000, 0x3000, 0x2000, 17, 5, "/lib/libc.so.6"});
  CHECK_FALSE(Decoded(bytes_of(raw) + "lib").ok);
  sk_user_stack top{.header = header(SK_USER_STACK), .start = 55, .pid = 200, .tid = 201, .from = 0x7000, .bytes = 4};
  for (unsigned at = 0; at < SK_REGISTERS; ++at) top.registers[at] = 100 + at;
  top.at_exit = 1;
  Decoded stack(bytes_of(top) + "abcd");
  REQUIRE(stack.ok);
  CHECK(is<kernel::Stack>(stack.event).at_exit);
  const auto& read = *is<kernel::Stack>(stack.event).top;
  CHECK(read.pid == 200);
  CHECK(read.tid == 201);
  CHECK(read.process_start == 55);
  CHECK(read.registers[0] == 110);  // ax
  CHECK(read.registers[UserStack::kStackPointer] == 119);
  CHECK(read.registers[UserStack::kInstruction] == 116);
  CHECK(read.from == 0x7000);
  CHECK(read.memory == "abcd");
  CHECK_FALSE(Decoded(bytes_of(top) + "abc").ok);
}

TEST_CASE("decode: circumstances", "[decode]") {
  sk_circumstances made{.header = header(SK_CIRCUMSTANCES), .target = 101, .number = 9, .address = 8};
  made.usage = 100;
  made.limit = 110;
  made.level = 2;
  made.oom_score_adj = -1;
  made.stack_pointer = 4096;
  made.stack_top = 8192;
  made.stack_limit = 16384;
  made.held_total = 7;
  made.held_anon = 3;
  made.held_tables = 4096;
  const std::string longest(SK_NAME - 1, 'c');
  std::memcpy(made.group, longest.c_str(), SK_NAME);
  std::memcpy(made.stack[0], "a.isra.0,b", 11);
  std::memcpy(made.stack[1], "c,0x0", 6);
  std::memset(made.tty, 'x', sizeof made.tty);  // no NUL
  Decoder decoder;
  KernelEvent event;
  auto record = bytes_of(made);
  REQUIRE(decoder.decode(record, event));
  auto seen = is<kernel::Around>(event).seen;
  REQUIRE(seen);
  CHECK(seen->target_tid == 101);
  CHECK(seen->signal == 9);
  CHECK(seen->address == 8);
  REQUIRE(seen->memory);
  CHECK(seen->memory->level == 2);
  CHECK(seen->memory->group == longest);
  CHECK(seen->stack_pointer == 4096);
  CHECK(seen->stack_top == 8192);
  CHECK(seen->stack_limit == 16384);
  REQUIRE(seen->held);
  CHECK(seen->held->total == 7);
  CHECK(seen->held->anon == 3);
  CHECK(seen->held->tables == 4096);
  CHECK(seen->stack == std::vector<std::string>{"a", "b", "c"});
  CHECK(seen->tty == std::string(SK_TTY, 'x'));
  for (std::size_t length = 0; length < record.size(); length += 7) {
    CHECK_FALSE(decoder.decode(record.substr(0, length), event));
  }
  made.level = -1;
  made.held_total = 0;
  record = bytes_of(made);
  REQUIRE(decoder.decode(record, event));
  seen = is<kernel::Around>(event).seen;
  REQUIRE(seen);
  CHECK_FALSE(seen->memory);
  CHECK_FALSE(seen->held);
  made.target = kMostPid + 1;
  record = bytes_of(made);
  CHECK_FALSE(decoder.decode(record, event));
}

TEST_CASE("decode: a SysRq request", "[decode]") {
  sk_sysrq made{.header = header(SK_SYSRQ), .task = kSender, .context = SK_OWN_CONTEXT};
  Decoder decoder;
  KernelEvent event;
  auto record = bytes_of(made);
  REQUIRE(decoder.decode(record, event));
  CHECK(is<kernel::SysRq>(event).own_context);
  CHECK(is<kernel::SysRq>(event).task.pid == 200);
}

TEST_CASE("decode: a connection to a manager", "[decode]") {
  sk_connect made{.header = header(SK_CONNECT), .task = kSender, .listener = {.start = 7, .pid = 1}};
  std::memcpy(made.socket, "/run/docker.sock", 17);
  Decoder decoder;
  KernelEvent event;
  auto record = bytes_of(made);
  REQUIRE(decoder.decode(record, event));
  CHECK(is<kernel::Connect>(event).task.pid == 200);
  CHECK(is<kernel::Connect>(event).listener == ProcessKey{1, 7});
  CHECK(is<kernel::Connect>(event).socket == "/run/docker.sock");
  std::memset(made.socket, 'x', sizeof made.socket);  // no NUL: the field ends it
  record = bytes_of(made);
  REQUIRE(decoder.decode(record, event));
  CHECK(is<kernel::Connect>(event).socket.size() == SK_SOCKET);
}
