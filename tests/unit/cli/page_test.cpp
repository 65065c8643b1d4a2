#include "cli/page.h"

#include "catch.h"

using namespace stapkill;

using Lines = std::vector<std::string>;

TEST_CASE("page: a text is broken at blanks", "[page]") {
  CHECK(folded("one two three", 8) == Lines{"one two", "three"});
  CHECK(folded("one two three", 0) == Lines{"one two three"});
  CHECK(folded("longerthanthat a", 4) == Lines{"longerthanthat", "a"});
  CHECK(folded("äöü äöü", 7) == Lines{"äöü äöü"});  // columns, not bytes
  CHECK(folded("  main (bash)", 40) == Lines{"  main (bash)"});
  CHECK(folded("", 10) == Lines{""});
  CHECK(folded("a   ", 1) == Lines{"a", ""});
}

TEST_CASE("page: a text is cut, and says so", "[page]") {
  CHECK(cut("abcdef", 4, true) == "abc…");
  CHECK(cut("abcdef", 4, false) == "a...");
  CHECK(cut("abcdef", 6, true) == "abcdef");
  CHECK(cut("abcdef", 0, true) == "abcdef");
  CHECK(cut("äöüäöü", 3, true) == "äö…");
  CHECK(cut("abcdef", 1, true) == "…");
}

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
