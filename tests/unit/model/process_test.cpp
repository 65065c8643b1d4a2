#include "model/process.h"

#include "catch.h"

using namespace stapkill;

TEST_CASE("process: a terminal's name below /dev", "[process]") {
  CHECK(terminal_name("pts0") == "pts/0");
  CHECK(terminal_name("pts12") == "pts/12");
  CHECK(terminal_name("tty1") == "tty1");
  CHECK(terminal_name("pts") == "pts");
  CHECK(terminal_name("ptsx") == "ptsx");
  CHECK(terminal_name("pts/0") == "pts/0");
  CHECK(terminal_name("").empty());
}
