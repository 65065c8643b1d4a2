#include "cli/page.h"

#include "catch.h"

using namespace stapkill;

TEST_CASE("page: labels, folded lines and bytes of other processes", "[page]") {
  Page page({.color = false, .utf8 = true, .terminal = true, .width = 30});
  page.sentence("it was killed by something that took a while");
  page.line("unit", "a long text that is folded at thirty");
  page.lines("evidence", {"one\x1b", "two"});
  page.lines("none", {});
  CHECK(page.take() ==
        "it was killed by something\n  that took a while\n"
        "  unit      a long text that\n            is folded at\n            thirty\n"
        "  evidence  one\\x1b\n            two\n");
  Page ascii({.color = true, .utf8 = false, .terminal = true, .width = 80});
  ascii.sentence("ä", Page::Weight::bold);
  CHECK(ascii.take() == "\033[1m\\xc3\\xa4\033[0m\n");
}
