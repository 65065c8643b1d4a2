#include "base/text.h"

#include <nlohmann/json.hpp>

#include "catch.h"

using namespace stapkill;

namespace {

std::string json_string(std::string_view bytes) {
  std::string out;
  append_json_string(out, bytes);
  return out;
}

/// What a JSON reader gets out of it.
std::string through_json(std::string_view bytes) {
  return nlohmann::json::parse(json_string(bytes));
}

const std::string kReplacement = "\xef\xbf\xbd";

}  // namespace

TEST_CASE("append_json_string: plain text and what JSON escapes", "[text]") {
  CHECK(json_string("") == "\"\"");
  CHECK(json_string("sleep 60") == "\"sleep 60\"");
  CHECK(json_string("a\"b\\c") == R"("a\"b\\c")");
  CHECK(json_string("\n\r\t") == R"("\n\r\t")");
  CHECK(json_string(std::string_view("\0\x01\x1f", 3)) == "\"\\u0000\\u0001\\u001f\"");
  CHECK(json_string("/") == "\"/\"");
}

TEST_CASE("append_json_string appends to what is there", "[text]") {
  std::string out = "x:";
  append_json_string(out, "y");
  CHECK(out == "x:\"y\"");
}

TEST_CASE("append_json_string: every single byte gives valid JSON", "[text]") {
  for (int byte = 0; byte < 256; ++byte) {
    INFO(byte);
    std::string text = {'a', static_cast<char>(byte), 'b'};
    std::string expected = byte < 0x80 ? text : "a" + kReplacement + "b";
    CHECK(through_json(text) == expected);
  }
}

TEST_CASE("append_json_string: valid UTF-8 stays as it is", "[text]") {
  for (const char* text :
       {"\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x92\x80", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf",
        "\xee\x80\x80", "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "\x7f"}) {
    CHECK(json_string(text) == '"' + std::string(text) + '"');
    CHECK(through_json(text) == text);
  }
}

TEST_CASE("append_json_string: what is not UTF-8 becomes U+FFFD", "[text]") {
  // Overlong forms, surrogates, beyond U+10FFFF, cut off sequences, continuation bytes alone.
  for (const char* text :
       {"\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xe0\x9f\xbf", "\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf", "\xed\xa0\x80",
        "\xed\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xfe", "\x80", "\xbf\xbf", "\xc3", "\xe2\x82",
        "\xf0\x9f\x92", "\xf8\x88\x80\x80\x80"}) {
    std::string got = through_json(std::string("<") + text + ">");
    INFO(got);
    CHECK(got.front() == '<');
    CHECK(got.back() == '>');
    std::string middle = got.substr(1, got.size() - 2);
    REQUIRE_FALSE(middle.empty());
    for (std::size_t i = 0; i < middle.size(); i += 3) CHECK(middle.substr(i, 3) == kReplacement);
  }
}

TEST_CASE("append_json_string: a broken sequence does not swallow what follows", "[text]") {
  CHECK(through_json("\xe2\x82"
                     "a") == kReplacement + kReplacement + "a");
  CHECK(through_json("\xc3\"") == kReplacement + "\"");
  CHECK(through_json("\xf0\x9f\n") == kReplacement + kReplacement + "\n");
  CHECK(through_json("\xc3\xc3\xa4") == kReplacement + "\xc3\xa4");
}

TEST_CASE("printable: controls cannot reach a terminal", "[text]") {
  CHECK(printable("plain text \\ with 'all' \"sorts\"") == "plain text \\ with 'all' \"sorts\"");
  CHECK(printable("\x1b[2J") == "\\x1b[2J");
  CHECK(printable("a\nb\rc\td") == "a\\nb\\rc\\td");
  CHECK(printable(std::string_view("\0\a\x7f", 3)) == "\\x00\\x07\\x7f");
}

TEST_CASE("printable: no byte below a space comes out raw, whatever goes in", "[text]") {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  for (bool ascii : {false, true}) {
    for (char c : printable(all, ascii)) {
      auto byte = static_cast<unsigned char>(c);
      CHECK((byte >= 0x20 && byte < 0x7f));
    }
  }
}

TEST_CASE("printable: what is not UTF-8 comes out byte by byte", "[text]") {
  CHECK(printable("\xff"
                  "a") == "\\xffa");
  CHECK(printable("\xc3") == "\\xc3");
  CHECK(printable("\xed\xa0\x80") == "\\xed\\xa0\\x80");
}

TEST_CASE("printable: letters of other scripts stay, unless the terminal is ASCII", "[text]") {
  CHECK(printable("gr\xc3\xbc\xc3\x9f") == "gr\xc3\xbc\xc3\x9f");
  CHECK(printable("\xc3\xbc", true) == "\\xc3\\xbc");
  CHECK(printable("\xf0\x9f\x92\x80") == "\xf0\x9f\x92\x80");
}

TEST_CASE("printable: C1 controls and bidirectional formatting do not come out raw", "[text]") {
  // U+009B is CSI: some terminals take it as ESC [.
  for (const char* text : {"\xc2\x9b", "\xc2\x80", "\xc2\x85", "\xe2\x80\xae", "\xe2\x80\xaa", "\xe2\x81\xa6",
                           "\xe2\x81\xa9", "\xe2\x80\x8e", "\xe2\x80\x8f"}) {
    std::string got = printable(std::string("a") + text + "b");
    INFO(got);
    CHECK(got.front() == 'a');
    CHECK(got.back() == 'b');
    for (char c : got) CHECK(static_cast<unsigned char>(c) < 0x7f);
  }
}

TEST_CASE("printable: a bidirectional override is shown by its code point", "[text]") {
  CHECK(printable("\xe2\x80\xae") == "\\u202e");
  CHECK(printable("\xe2\x81\xa6") == "\\u2066");
}

TEST_CASE("has_whole: a name is not part of a longer one", "[text]") {
  for (const char* text : {"web-0", "a web-0", "\"web-0\"", "[web-0,b]", "web-00 web-0", "x/web-0", "web-0_b"}) {
    INFO(text);
    CHECK(has_whole(text, "web-0"));
  }
  for (const char* text : {"", "web-00", "web-0.b", "aweb-0", "a-web-0", "web-0-1", "web-"}) {
    INFO(text);
    CHECK_FALSE(has_whole(text, "web-0"));
  }
  CHECK_FALSE(has_whole("a", ""));
}

TEST_CASE("lines_of: empty lines count, and a last one without an end", "[text]") {
  CHECK(lines_of("").empty());
  CHECK(lines_of("a\n\nb\n") == std::vector<std::string>{"a", "", "b"});
  CHECK(lines_of("a\nb") == std::vector<std::string>{"a", "b"});
}

TEST_CASE("shell_word: quoted only when it has to be", "[text]") {
  CHECK(shell_word("sleep") == "sleep");
  CHECK(shell_word("/usr/bin/x-1.2_3:a,b=c@d%e+f") == "/usr/bin/x-1.2_3:a,b=c@d%e+f");
  CHECK(shell_word("") == "''");
  CHECK(shell_word("a b") == "'a b'");
  CHECK(shell_word("$(reboot)") == "'$(reboot)'");
  CHECK(shell_word("it's") == "'it'\\''s'");
  CHECK(shell_word("'") == "''\\'''");
  CHECK(shell_word("~") == "'~'");
  CHECK(shell_word("a\nb") == "'a\nb'");
  CHECK(shell_word("*") == "'*'");
  CHECK(shell_word("#x") == "'#x'");
}

TEST_CASE("shell_words: one line that a shell reads as the same words", "[text]") {
  CHECK(shell_words({}) == "");
  CHECK(shell_words({"sh", "-c", "kill -9 $1", ""}) == "sh -c 'kill -9 $1' ''");
  CHECK(shell_words({"", "a"}) == "'' a");
}
