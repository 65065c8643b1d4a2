// Any bytes in place of a line: read or refused.
#include <random>

#include "backend/wire_lines.h"

using namespace wire_lines;

TEST_CASE("wire: a name can hold every byte", "[wire]") {
  for (int byte = 0; byte < 256; ++byte) {
    INFO(byte);
    char escape[8];
    std::snprintf(escape, sizeof escape, "%%%02x", static_cast<unsigned>(byte));
    Line line("R 0 3 4 200 55 x" + std::string(escape) + "y");
    REQUIRE(line.ok);
    std::string expected = {'x', static_cast<char>(byte), 'y'};
    CHECK(is<kernel::Rename>(line.event).task.comm == expected);
  }
}

TEST_CASE("wire: bytes above 0x7f stand for themselves", "[wire]") {
  Line line("R 0 3 4 200 55 \xff\xc3\xa4\x80");
  REQUIRE(line.ok);
  CHECK(is<kernel::Rename>(line.event).task.comm == "\xff\xc3\xa4\x80");
}

TEST_CASE("wire: several decoded fields stay apart", "[wire]") {
  // Decoded text lies in one storage: its growth must not move what was decoded before.
  std::string spaces;
  for (int i = 0; i < 1300; ++i) spaces += "%20";
  Line line("X 0 1 2 200 200 55 150 0 a%20b " + spaces + " c%20d " + spaces + " 4 %65%00%66%00");
  REQUIRE(line.ok);
  const auto& exec = is<kernel::Exec>(line.event);
  CHECK(exec.task.comm == "a b");
  CHECK(exec.exe == std::string(1300, ' '));
  CHECK(exec.cwd == "c d");
  CHECK(exec.cgroup == std::string(1300, ' '));
  CHECK(exec.argv == std::string_view("e\0f\0", 4));
}

TEST_CASE("wire: lines that are not the module's are refused", "[wire]") {
  for (const char* text : {"",
                           " ",
                           "S",
                           "S ",
                           "Q 1 2 3",
                           "s 1 9 1 9 0 0 1 62 1 200 201 55 0 kill 100 100 44 33 sleep -",
                           "ERROR: read fault [man error::fault] at 0x0",
                           "WARNING: Number of errors: 0, skipped probes: 3",
                           "R0 3 4 200 55 a",
                           "R  0 3 4 200 55 a",
                           "R 0 3 4 200 55 ",
                           "R 0 3 4 200 55 a ",
                           "R 0 3 4 200 55 a b",
                           "R 0 3 4 200 55",
                           " R 0 3 4 200 55 a",
                           "R 0 3 4 x 55 a",
                           "R 0 3 4 200 -5 a",
                           "R 0 -3 4 200 55 a",
                           "R 0 3 4 200 5.5 a",
                           "R 0 3 4 +200 55 a",
                           "R 0 3 4 0x20 55 a",
                           "R 0 3 4 99999999999999999999 55 a",
                           "R 0 3 4 200 99999999999999999999999 a",
                           "R 0 3 4 200 55 a%",
                           "R 0 3 4 200 55 a%2",
                           "R 0 3 4 200 55 a%2G",
                           "R 0 3 4 200 55 a%G2",
                           "R 0 3 4 200 55 a%2F",
                           "R 0 3 4 200 55 %%",
                           "R 0 3 4 200 55 -",
                           "R 0\t3 4 200 55 a",
                           "Z 1 12 7 5",
                           "K 1 10 5 200 201 0",
                           "K 1 10 5 200 201 0 -3 1"}) {
    INFO(text);
    CHECK_FALSE(parse(text)->ok);
  }
}

TEST_CASE("wire: a line cut off anywhere never reads beyond its end", "[wire]") {
  for (auto full : kAll) {
    REQUIRE(parse(full)->ok);
    // Without its last fields it is not a record; cut inside the last field it can look like one.
    auto last = full.rfind(' ');
    if (full == kExit) last = full.rfind(' ', last - 1);  // which older recordings end with its comm
    for (std::size_t length = 0; length < full.size(); ++length) {
      auto cut = parse(full.substr(0, length));
      INFO(full.substr(0, length));
      if (length <= last + 1) CHECK_FALSE(cut->ok);
    }
  }
}

TEST_CASE("wire: any byte in any place is read or refused", "[wire]") {
  std::size_t refused = 0, read = 0;
  for (auto full : kAll) {
    for (std::size_t at = 0; at < full.size(); ++at) {
      for (int byte : {0x00, 0x09, 0x20, 0x25, 0x2d, 0x2c, 0x2e, 0x30, 0x39, 0x41, 0x61, 0x7f, 0x80, 0xff}) {
        std::string line(full);
        line[at] = static_cast<char>(byte);
        ++(parse(line)->ok ? read : refused);
      }
    }
  }
  CHECK(refused > 0);
  CHECK(read > 0);
}

TEST_CASE("wire: random garbage is read or refused", "[wire]") {
  std::mt19937 random(12345);
  constexpr std::string_view letters = "HPXFRSKEZ 0123456789%-.,abf\xff";
  for (int i = 0; i < 20000; ++i) {
    std::string line;
    std::size_t size = random() % 80;
    for (std::size_t at = 0; at < size; ++at) line += letters[random() % letters.size()];
    parse(line);
  }
  SUCCEED("nothing was read out of bounds");
}

TEST_CASE("wire: a refused line leaves a parser that still works", "[wire]") {
  KernelEvent event;
  WireStorage storage;
  CHECK_FALSE(parse_wire("R 0 3 4 200 55 a%2", event, storage));
  CHECK(parse_wire(kSignal, event, storage));
  CHECK(is<kernel::Signal>(event).target.comm == "sleep");
}

TEST_CASE("wire: a pid above Linux's largest is damage", "[wire]") {
  KernelEvent event;
  WireStorage storage;
  CHECK(parse_wire("R 0 1 10 4194304 5 name", event, storage));
  CHECK_FALSE(parse_wire("R 0 1 10 4194305 5 name", event, storage));
  CHECK_FALSE(parse_wire("R 0 1 10 -1 5 name", event, storage));
}
