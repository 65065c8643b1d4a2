#include "script/probe_point.h"

#include <array>
#include <filesystem>

#include "catch.h"

using namespace stapkill;

TEST_CASE("a probe point is read part by part") {
  auto point = parse_probe_point(R"(process("/a \"b\" c").function("main@/x.c:1").return $argc:int)");
  REQUIRE(point);
  REQUIRE(point->components.size() == 3);
  CHECK(point->components[0].name == "process");
  CHECK(point->components[0].text == R"(/a "b" c)");
  CHECK(describe(point->components[1]) == R"(function("main@/x.c:1"))");
  CHECK_FALSE(point->components[2].text);
  CHECK(point->length == std::string(R"(process("/a \"b\" c").function("main@/x.c:1").return)").size());
  CHECK(parse_probe_point("timer.ms(100)")->components[1].argument == "100");
  CHECK(parse_probe_point("syscall.*")->components[1].name == "*");
}

TEST_CASE("what is no probe point is not read as one") {
  for (const char* text : {"", " a", ".", "a.", "a..b", "a(", "a()", "a(\"", "a(\"b", "a(\"b\"", "a(\"b\"x)", "a{b}",
                           "a,b", "a;", "-e", "a(b c)", "a@b", "%{", "a\nb"}) {
    INFO(text);
    CHECK_FALSE(parse_probe_point(text));
  }
}

TEST_CASE("a pattern is one probe point") {
  CHECK(read_probe_pattern("syscall.open")->first == "syscall.open");
  CHECK(read_probe_pattern("syscall.open")->second.empty());
  for (const char* word : {"", "begin { } probe end", "a, b", "-e", "--help", "kernel.function(\"x", "x\ny", "a b",
                           "kernel.function(\"x\") { exit() }", "begin /* */"}) {
    INFO(word);
    auto pattern = read_probe_pattern(word);
    REQUIRE_FALSE(pattern);
    CHECK(pattern.error().kind == ErrorKind::usage);
  }
  CHECK_FALSE(read_probe_pattern(std::string(5000, 'a')));
}

TEST_CASE("short forms stand for probe points") {
  CHECK(read_probe_pattern("/bin/x")->first == R"(process("/bin/x").function("*"))");
  CHECK(read_probe_pattern("/bin/x:main")->first == R"(process("/bin/x").function("main"))");
  CHECK(read_probe_pattern("/a:b/x")->first == R"(process("/a:b/x").function("*"))");
  CHECK(read_probe_pattern("/a\"b\\c:f")->first == R"(process("/a\"b\\c").function("f"))");
  CHECK(read_probe_pattern("do_exit")->first == "do_exit");
  CHECK(read_probe_pattern("do_exit")->second == R"(kernel.function("do_exit"))");
  CHECK(read_probe_pattern("do_*")->second.empty());
  CHECK_FALSE(read_probe_pattern("/bin/x:"));
}

TEST_CASE("a path is made absolute") {
  auto here = std::filesystem::current_path();
  CHECK(read_probe_pattern("./x:f*")->first == "process(\"" + (here / "x").string() + "\").function(\"f*\")");
  CHECK(read_probe_pattern("../x")->first ==
        "process(\"" + (here.parent_path() / "x").string() + "\").function(\"*\")");
  CHECK(absolute_program("a/./b") == (here / "a/b").string());
  CHECK(absolute_program("x") == "x");
  CHECK(absolute_program("/a/../x") == "/a/../x");
}

TEST_CASE("two colons are part of a function's name") {
  for (const auto& [word, path, function] :
       std::vector<std::array<std::string, 3>>{{"/b/x:ns::fun", "/b/x", "ns::fun"},
                                               {"/b/x:ns::A::*", "/b/x", "ns::A::*"},
                                               {"/b/x:::fun", "/b/x", "::fun"},
                                               {"/b/x::y", "/b/x::y", "*"},
                                               {"/b/x::y:fun", "/b/x::y", "fun"},
                                               {"/a:b/x:y:f", "/a:b/x:y", "f"}}) {
    INFO(word);
    CHECK(read_probe_pattern(word)->first == "process(\"" + path + "\").function(\"" + function + "\")");
  }
  CHECK_FALSE(read_probe_pattern("/b/x:ns::"));
}
