#include "base/columns.h"

#include "catch.h"

using namespace stapkill;

using Lines = std::vector<std::string>;

TEST_CASE("columns: wide characters take two, combining ones and colours none", "[columns]") {
  CHECK(columns_of("") == 0);
  CHECK(columns_of("abc") == 3);
  CHECK(columns_of("äöü") == 3);
  CHECK(columns_of("e\u0301") == 1);
  CHECK(columns_of("进程") == 4);
  CHECK(columns_of("ｱ") == 1);  // half width
  CHECK(columns_of("🙂") == 2);
  CHECK(columns_of("\033[1;31m✖\033[0m x") == 3);
  CHECK(columns_of("\033[") == 1);  // no colour
  CHECK(columns_of("\xff\xe8\xbf") == 3);
}

TEST_CASE("columns: a beginning ends before a character that does not fit", "[columns]") {
  CHECK(first_columns("进程", 3) == "进");
  CHECK(first_columns("e\u0301x", 1) == "e\u0301");
  CHECK(first_columns("abc", 0).empty());
  CHECK(first_columns("abc", 9) == "abc");
}

TEST_CASE("columns: a text is broken at blanks", "[columns]") {
  CHECK(folded("one two three", 8) == Lines{"one two", "three"});
  CHECK(folded("one two three", 7) == Lines{"one two", "three"});
  CHECK(folded("one two three", 0) == Lines{"one two three"});
  CHECK(folded("äöü äöü", 7) == Lines{"äöü äöü"});
  CHECK(folded("  main (bash)", 40) == Lines{"  main (bash)"});
  CHECK(folded("  main (bash)", 8) == Lines{"  main", "(bash)"});
  CHECK(folded("one   two", 9) == Lines{"one   two"});
  CHECK(folded("one   two", 8) == Lines{"one", "two"});
  CHECK(folded("", 10) == Lines{""});
  CHECK(folded("a   ", 1) == Lines{"a"});
}

TEST_CASE("columns: a word wider than a line is broken, no other", "[columns]") {
  CHECK(folded("a longerthanthat b", 6) == Lines{"a", "longer", "thanth", "at b"});
  CHECK(folded("longer thanth", 6) == Lines{"longer", "thanth"});
  CHECK(folded("ae\u0301b", 1) == Lines{"a", "e\u0301", "b"});
}

TEST_CASE("columns: Chinese is broken between characters, but not before a comma or after a bracket", "[columns]") {
  CHECK(folded("进程被终止", 4) == Lines{"进程", "被终", "止"});
  CHECK(folded("进程被终止", 5) == Lines{"进程", "被终", "止"});
  CHECK(folded("进程，被终止", 4) == Lines{"进", "程，", "被终", "止"});
  CHECK(folded("进（程）止", 4) == Lines{"进", "（程", "）止"});  // wider than a line: broken where it must
  CHECK(folded("进（程）止", 6) == Lines{"进", "（程）", "止"});
  CHECK(folded("进程(123)被 SIGKILL 终止", 10) == Lines{"进程(123)", "被 SIGKILL", "终止"});
  CHECK(folded("进程「sh」。", 8) == Lines{"进程", "「sh」。"});
}

TEST_CASE("columns: a colour ends with its line and begins again on the next", "[columns]") {
  CHECK(folded("\033[1mone two\033[0m three", 5) == Lines{"\033[1mone\033[0m", "\033[1mtwo\033[0m", "three"});
  CHECK(folded("\033[1mone\033[0m two", 3) == Lines{"\033[1mone\033[0m", "two"});
}

TEST_CASE("columns: a text is cut, and says so", "[columns]") {
  CHECK(cut("abcdef", 4, true) == "abc…");
  CHECK(cut("abcdef", 4, false) == "a...");
  CHECK(cut("abcdef", 6, true) == "abcdef");
  CHECK(cut("abcdef", 0, true) == "abcdef");
  CHECK(cut("äöüäöü", 3, true) == "äö…");
  CHECK(cut("abcdef", 1, true) == "…");
  CHECK(cut("abcdef", 2, false) == "..");
  CHECK(cut("进程被", 5, true) == "进程…");
  CHECK(cut("进程被", 4, true) == "进…");
  CHECK(cut("\033[1mabcdef\033[0m", 4, true) == "\033[1mabc…\033[0m");
}

TEST_CASE("columns: blanks up to a width", "[columns]") {
  CHECK(padded("进", 4) == "进  ");
  CHECK(padded("abc", 2) == "abc");
}
