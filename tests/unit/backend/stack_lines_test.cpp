#include "backend/stack_lines.h"

#include "catch.h"

using namespace stapkill;

namespace {

StackRequest request() {
  StackRequest made;
  made.stack.pid = 12;
  made.stack.tid = 13;
  made.stack.process_start = 99;
  for (std::size_t at = 0; at < made.stack.registers.size(); ++at) made.stack.registers[at] = ~std::uint64_t{0} - at;
  made.stack.from = 0x7ffc00001000;
  made.stack.memory = std::string("a\0 \n%-\xff", 7);
  made.stack.code = {{0x1000, 0x2000, 4096, 17, 8 << 20 | 1, "/usr/lib/a b\n"}, {1, 2, 0, 0, 0, ""}};
  made.relatives = {{1, 2}, {3, 4}};
  return made;
}

}  // namespace

TEST_CASE("stack lines: a request comes back as it was", "[stack_lines]") {
  auto sent = request();
  StackRequest got;
  REQUIRE(parse_lines(lines_of(sent), got));
  CHECK(got.stack == sent.stack);
  CHECK(got.relatives == sent.relatives);
}

TEST_CASE("stack lines: frames come back as they were", "[stack_lines]") {
  std::vector<Frame> sent = {{0x1234, "libc.so.6", 0x99, "abort", "abort.c", 79, "abc"},
                             {1, "", 0, {}, {}, {}, {}},
                             {~std::uint64_t{0}, "a b", 7, "f(int, \"x\")\n", {}, {}, {}}};
  std::vector<Frame> got;
  REQUIRE(parse_lines(lines_of(sent), got));
  CHECK(got == sent);
}

TEST_CASE("stack lines: damaged ones are refused", "[stack_lines]") {
  auto whole = lines_of(request());
  for (std::size_t length = 1; length < whole.size(); ++length) {
    StackRequest got;
    if (whole[length - 1] != '\n') CHECK_FALSE(parse_lines(std::string_view(whole).substr(0, length), got));
  }
  for (const char* text : {"frame\n", "frame 1 a\n", "frame 1 a 2 - - - - -\n", "other 1\n", "frame x a 2 - - - -\n"}) {
    std::vector<Frame> frames;
    CHECK_FALSE(parse_lines(text, frames));
  }
}
