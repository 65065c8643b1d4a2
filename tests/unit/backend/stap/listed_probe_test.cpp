#include "backend/stap/listed_probe.h"

#include "catch.h"

using namespace stapkill;

namespace {

std::string variables_of(std::string_view line) {
  std::string text;
  auto probe = parse_listed_probe(line);
  for (const auto& variable : probe->variables) text += '[' + variable.name + '|' + variable.type + ']';
  return text;
}

}  // namespace

// Lines that SystemTap 4.8 printed.
TEST_CASE("a line of stap -L is taken apart") {
  auto probe = parse_listed_probe(
      R"(process("/tmp/p p\"q").function("sum@/src/pp.cpp:5").call $xs:class vector<int, std::allocator<int> > const& $s:string)");
  REQUIRE(probe);
  CHECK(probe->group == R"(process("/tmp/p p\"q"))");
  CHECK(probe->rest == R"(function("sum").call)");
  CHECK(probe->name == "sum");
  CHECK(probe->file == "/src/pp.cpp");
  CHECK(probe->line == 5);
  CHECK(probe->point == R"(process("/tmp/p p\"q").function("sum@/src/pp.cpp:5").call)");
  REQUIRE(probe->variables.size() == 2);
  CHECK(probe->variables[0].type == "class vector<int, std::allocator<int> > const&");
}

TEST_CASE("types of all kinds are kept whole") {
  CHECK(variables_of(R"(process("/x").function("f@/x.c:7") $f:cb $g:int (*) (void) $x:struct foo* )"
                     R"($y:long long unsigned int const volatile $arr:int[]* $an:struct {...}*)") ==
        "[$f|cb][$g|int (*) (void)][$x|struct foo*][$y|long long unsigned int const volatile][$arr|int[]*]"
        "[$an|struct {...}*]");
  CHECK(variables_of(
            R"(process("/x").function("operator()@/y.h:9") $__args#1:long int $this:class f<int(char, long)>*)") ==
        "[$__args#1|long int][$this|class f<int(char, long)>*]");
  CHECK(variables_of("nd_syscall.kill __nr:long name:string $regs:struct pt_regs*") ==
        "[__nr|long][name|string][$regs|struct pt_regs*]");
}

TEST_CASE("probes without a place, a name or variables") {
  CHECK(parse_listed_probe("begin")->rest.empty());
  CHECK(parse_listed_probe(R"(kernel.trace("signal:signal_generate") $sig:int)")->name == "signal:signal_generate");
  auto symbol = parse_listed_probe(R"(process("/x").function("memcpy@@GLIBC_2.14"))");
  CHECK(symbol->name == "memcpy@@GLIBC_2.14");
  CHECK(symbol->file.empty());
  CHECK(parse_listed_probe(R"(process("/x").function("f@/a@b:c.c:3"))")->file == "/a@b:c.c");
}

TEST_CASE("other lines than stap's are refused") {
  for (const char* line : {"", "Pass 1: parsed", "WARNING: x", " begin", "\xff\xfe", "a.b(\"c"}) {
    INFO(line);
    CHECK_FALSE(parse_listed_probe(line));
  }
  CHECK_FALSE(parse_listed_probe("no probe point"));
  CHECK_FALSE(parse_listed_probe("a.b ::: x $"));
  CHECK(variables_of("a.b $x: $y:") == "[$x|][$y|]");
  CHECK(variables_of("a.b $x:)))) $y:<<<< $z:int") == "[$x|))))][$y|<<<< $z:int]");
}
