#include "script/literal.h"

#include "catch.h"
#include "literals.h"

using namespace stapkill;

TEST_CASE("literal: numbers", "[literal]") {
  CHECK(Literal::number(0).script() == "0");
  CHECK(Literal::number(-5).script() == "-5");
  CHECK(Literal::number(INT64_MAX).script() == "9223372036854775807");
}

TEST_CASE("literal: plain text", "[literal]") {
  CHECK(Literal::text("").script() == "\"\"");
  CHECK(Literal::text("__x64_sys_kill").script() == "\"__x64_sys_kill\"");
  CHECK(Literal::text("/usr/bin/a b-1.2:x").script() == "\"/usr/bin/a b-1.2:x\"");
}

TEST_CASE("literal: every byte reads back as itself", "[literal]") {
  for (int byte = 0; byte < 256; ++byte) {
    INFO(byte);
    std::string text = {static_cast<char>(byte)};
    CHECK(literals::read(Literal::text(text).script()) == text);
    // A digit after it cannot become part of the escape.
    text += "77";
    CHECK(literals::read(Literal::text(text).script()) == text);
  }
}

TEST_CASE("literal: hostile text stays one literal", "[literal]") {
  for (const char* text : {"\"",
                           "\\",
                           "\\\"",
                           "\") probe begin { exit() } //",
                           "\n",
                           "\r\n",
                           "a\nb",
                           "%{ panic(); %}",
                           "%( 1 == 1 %? x %)",
                           "$x",
                           "@1",
                           "%s%n",
                           "\x1b[2J",
                           "\xff\xfe",
                           "\xc3\xa4",
                           "\\n",
                           "\\\\",
                           "\\x41",
                           "?\?/",
                           "*/",
                           "/*",
                           "#",
                           "`",
                           "\"\"",
                           "\\\n"}) {
    INFO(text);
    auto script = Literal::text(text).script();
    CHECK(literals::is_one(script));
    CHECK(literals::read(script) == text);
    for (char c : script) CHECK((c >= 0x20 && c < 0x7f));
    for (char c : std::string_view("%$@`\n")) CHECK(script.find(c) == std::string::npos);
  }
}

TEST_CASE("literal: parts of probe points stand as they are, or name nothing", "[literal]") {
  for (const char* text : {"main@*:1", "/usr/bin/a b", "/opt/\xc3\xa4", "8021q"}) {
    INFO(text);
    CHECK(Literal::name(text).script() == "\"" + std::string(text) + "\"");
  }
  for (const char* text : {"\"", "\\", "\n", "a\") { exit() } //", "%{", "$x", "\x7f", "\x1b"}) {
    INFO(text);
    CHECK(literals::is_one(Literal::name(text).script()));
    CHECK(Literal::name(text).script() == Literal::text(text).script());
  }
  CHECK(Literal::kernel().script() == "kernel");
  CHECK(Literal::module("nf_tables").script() == "module(\"nf_tables\")");
  CHECK(Literal::process("/bin/ls").script() == "process(\"/bin/ls\")");
}
