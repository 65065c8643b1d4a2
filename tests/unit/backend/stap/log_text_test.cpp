#include "backend/stap/log_text.h"

#include "backend/stap/log_decoder.h"
#include "catch.h"

using namespace stapkill;
using namespace std::string_literals;

namespace {

std::string text_of(std::string_view line) {
  return clean_line(line).text;
}

/// A decoder's output, fed in pieces of that size.
std::string decoded(std::string_view bytes, std::size_t piece = std::string_view::npos) {
  std::string out;
  LogDecoder decoder([&](std::string_view text) { out += text; });
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) decoder.take(bytes.substr(0, piece));
  decoder.end();
  return out;
}

std::string utf16(std::u16string_view text, bool big) {
  std::string out;
  for (char16_t unit : text) {
    char high = static_cast<char>(unit >> 8), low = static_cast<char>(unit & 0xff);
    out += big ? high : low;
    out += big ? low : high;
  }
  return out;
}

}  // namespace

TEST_CASE("log text: the prefixes of loggers are removed", "[log_text]") {
  const char* const stamps[] = {
      "[    1.234567] ",
      "[12345.678901][ T4711] ",
      "<4>[ 12.345678] ",
      "[Sat Nov 28 12:00:00 2026] ",
      "Nov 28 12:00:00 host1 kernel: ",
      "Nov  8 12:00:00 host1 kernel: [ 12.345678] ",
      "Nov 28 12:00:00 host1.example.org stap[4711]: ",
      "11月 28 12:00:00 host1 kernel: ",
      "2026-11-28T12:00:00+0100 host1 staprun[4711]: ",
      "2026-11-28T12:00:00.123456789Z ",
      "2026-11-28T12:00:00.123456789+08:00 stderr F ",
      "2026-11-28T12:00:00.1234567Z ##[error]",
      "2026-11-28 12:00:00,123 ",
      "[2026-11-28T12:00:00.123Z] ",
      "2026-11-28T12:00:00.123456Z 01E ",
      "[pod/web-0/app] 2026-11-28T12:00:00Z ",
      "web-1  | ",
      "#12 3.456 ",
      "[12:00:00] ",
      "[12:00:00]W:\t [Step 1/3] ",
      "kernel:[ 1016.841821] ",
      "    ",
      "> ",
      ">> > ",
      "\xef\xbb\xbf",
  };
  for (const char* stamp : stamps) {
    INFO(stamp);
    CHECK(text_of(stamp + "ERROR: MAXACTION exceeded near x"s) == "ERROR: MAXACTION exceeded near x");
  }
  CHECK(clean_line("[ 1.234567] x").stamped);
  CHECK(clean_line("web-1  | x").stamped);
  CHECK_FALSE(clean_line("> x").stamped);
  CHECK_FALSE(clean_line("    x").stamped);
}

TEST_CASE("log text: messages are not taken for stamps", "[log_text]") {
  for (const char* line :
       {"make[1]: *** [x.o] Error 1", "semantic error: no match", "[man error::pass2]", "kernel.function(\"x\")",
        "2026-11-28T12:00 x", "Pass 2: analysis failed.", "/usr/src/x.h:1:2: error: y", "stapio:main:12: ERROR: z",
        "host kernel: x", "1. [ERROR] x", "a|b", "#12", "stderr F x"}) {
    INFO(line);
    CHECK(text_of(line) == line);
    CHECK_FALSE(clean_line(line).stamped);
  }
  // Also after a time.
  CHECK(text_of("2026-11-28T12:00:00Z make[1]: *** [x.o] Error 1") == "make[1]: *** [x.o] Error 1");
  CHECK(text_of("2026-11-28T12:00:00Z semantic error: no match") == "semantic error: no match");
}

TEST_CASE("log text: colours are removed, also those that have lost their ESC", "[log_text]") {
  CHECK(text_of("\033[01;31m\033[KERROR:\033[m\033[K x") == "ERROR: x");
  CHECK(text_of("^[[31mERROR:^[[0m x") == "ERROR: x");
  CHECK(text_of("[01m[K/usr/x.c:1:2:[m[K [01;31m[Kerror: [m[Ky") == "/usr/x.c:1:2: error: y");
  CHECK(text_of("\033]0;title\aERROR: x") == "ERROR: x");
  CHECK(text_of("\033_bk;t=1700000000000\aERROR: x") == "ERROR: x");
  CHECK(text_of("\033(BERROR: x") == "ERROR: x");
  CHECK(text_of("ERROR: x\033[1;3") == "ERROR: x");
  CHECK(text_of("ERROR: x\033") == "ERROR: x");
  for (const char* line : {"rate(x[5m]) m", "x[1]", "ls [-l] [m", "a ^[b", "[K"}) CHECK(text_of(line) == line);
}

TEST_CASE("log text: HTML entities", "[log_text]") {
  CHECK(text_of("&lt;input&gt;:1:7 &quot;a&quot; &#39;b&#x27; &amp;&nbsp;c") == "<input>:1:7 \"a\" 'b' & c");
  CHECK(text_of("&lsquo;make&rsquo;") == "\u2018make\u2019");
  CHECK(text_of("\u00a0ERROR:\u00a0x") == "ERROR: x");
  for (const char* line : {"a && b; c", "&nosuch;", "&#0;", "&#xd800;", "&#27;", "&;", "&lt", "&#1114112;"}) {
    INFO(line);
    CHECK(text_of(line) == line);
  }
}

TEST_CASE("log text: docker's lines", "[log_text]") {
  auto line = clean_line(
      R"({"log":"\u001b[31mERROR:\u001b[0m \"a\\b\"\tc\u003e\n","stream":"stderr","time":"2026-11-28T12:00:00Z"})");
  CHECK(line.text == "ERROR: \"a\\b\"\tc>");
  CHECK(line.stamped);
  CHECK(text_of(R"({"log":"cut)") == "cut");
  CHECK(text_of(R"({"log":"\u12)") == "u12");
  CHECK(text_of(R"({"level":"error"})") == R"({"level":"error"})");
}

TEST_CASE("log text: ends of lines", "[log_text]") {
  CHECK(text_of("x\r") == "x");
  CHECK(text_of("x\r\r\n") == "x");
  CHECK(text_of("").empty());
  CHECK(text_of("\r").empty());
}

TEST_CASE("log text: Chinese", "[log_text]") {
  CHECK(untranslated("a.c:1:2: 致命错误：linux/x.h：没有那个文件或目录") ==
        "a.c:1:2: fatal error: linux/x.h: No such file or directory");
  CHECK(untranslated("bash: stap: 未找到命令...") == "bash: stap: command not found...");
  CHECK(untranslated("make[1]: *** [Makefile.build:255：/tmp/x.o] 错误 1") ==
        "make[1]: *** [Makefile.build:255: /tmp/x.o] Error 1");
  CHECK(untranslated("ERROR: Couldn't insert module 'x': 文件已存在") ==
        "ERROR: Couldn't insert module 'x': File exists");
  CHECK(untranslated("a.c:1:2: 错误：隐式声明函数‘f’") == "a.c:1:2: error: implicit declaration of function 'f'");
  CHECK(untranslated("plain ASCII") == "plain ASCII");
  CHECK(untranslated("\xff\xfe x") == "\xff\xfe x");
  CHECK(untranslated("新的话") == "新的话");
}

TEST_CASE("log text: UTF-16 is passed on as UTF-8, in pieces of any size", "[log_text]") {
  // The low byte of U+4E00 is 0, and that of the second half of U+1F600.
  std::u16string_view text = u"ERROR: 文件已存在 \u4e00 \U0001f600 x\r\nPass 5: run failed.\n";
  std::string expected = "ERROR: 文件已存在 \u4e00 \U0001f600 x\r\nPass 5: run failed.\n";
  for (bool big : {false, true}) {
    for (bool mark : {false, true}) {
      INFO(big << mark);
      auto bytes = utf16(mark ? std::u16string(u"\ufeff") + std::u16string(text) : std::u16string(text), big);
      std::string many;
      for (int i = 0; i < 20; ++i) many += utf16(text, big);
      for (std::size_t piece : {std::string_view::npos, std::size_t{1}, std::size_t{3}, std::size_t{256}}) {
        CHECK(decoded(bytes, piece) == expected);
        CHECK(decoded(bytes + many, piece).size() == 21 * expected.size());
      }
    }
  }
}

TEST_CASE("log text: other bytes are passed on unchanged", "[log_text]") {
  for (const auto& bytes : {""s, "x"s, "ERROR: x\n"s, "a\0b"s, "\xff\xfe"s + "ERROR: x\n", "\xff\xfe"s, "\xc3\xa9\n"s,
                            std::string(1000, '\xff'), "\0\0\0\0"s, std::string(300, '\0')}) {
    CHECK(decoded(bytes) == bytes);
    CHECK(decoded(bytes, 1) == bytes);
  }
  CHECK(decoded("\xef\xbb\xbf"s + "ERROR: x\n") == "ERROR: x\n");
  // Halves of pairs, and half a unit at the end.
  CHECK(decoded("\xff\xfe"s + "a\0"s + "\x01\xdc"s + "b\0"s) == "a\ufffdb");
  CHECK(decoded("\xff\xfe"s + "a\0"s + "\x3d\xd8"s + "b\0"s + "c") == "a\ufffdb");
}

TEST_CASE("log text: what can be the rest of a folded line", "[log_text]") {
  auto fold = [](const std::string& line, const std::string& rest) {
    return may_be_folded(clean_line(line), clean_line(rest));
  };
  CHECK(fold(std::string(80, 'x'), "yz"));
  CHECK(fold(std::string(60, 'x'), "yz"));
  CHECK_FALSE(fold(std::string(30, 'x'), "yz"));
  CHECK(fold(std::string(30, 'x'), std::string(40, 'y')));  // the word had no room
  CHECK_FALSE(fold(std::string(10, 'x'), std::string(100, 'y')));
  CHECK_FALSE(fold(std::string(300, 'x'), "yz"));
  CHECK(fold("错误错误错误错误错误错误错误错误错误错误错误错误错误错误", "yz"));  // 56 columns
  CHECK_FALSE(fold(std::string(80, 'x'), "[ 1.234567] yz"));
  CHECK_FALSE(fold(std::string(80, 'x'), "source: probe y"));
  CHECK(fold("[    1.234567] " + std::string(60, 'x'), "yz"));
}
