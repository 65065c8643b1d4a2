#include "script/parameter.h"

#include "catch.h"
#include "literals.h"

using namespace stapkill;
using Kind = Parameter::Kind;

namespace {

Parameter of_kind(Kind kind) {
  Parameter parameter;
  parameter.kind = kind;
  parameter.name = "it";
  return parameter;
}

void check_taken(Kind kind, const std::string& value, const std::string& script) {
  INFO(kind_name(kind) << ' ' << value);
  auto literal = literal_of(of_kind(kind), value);
  REQUIRE(literal.has_value());
  CHECK(literal->script() == script);
}

void check_refused(Kind kind, const std::string& value) {
  INFO(kind_name(kind) << ' ' << value);
  auto literal = literal_of(of_kind(kind), value);
  REQUIRE_FALSE(literal.has_value());
  CHECK(literal.error().kind == ErrorKind::usage);
  CHECK(literal.error().message.english().find("'it'") != std::string::npos);
  CHECK(literal.error().message.english().find("'" + value + "'") != std::string::npos);
}

constexpr Kind kStrict[] = {Kind::toggle, Kind::code,      Kind::module,   Kind::function,
                            Kind::place,  Kind::interface, Kind::variables};

}  // namespace

TEST_CASE("parameter: where code is", "[parameter]") {
  check_taken(Kind::code, "kernel", "kernel");
  check_taken(Kind::code, "nf_tables", "module(\"nf_tables\")");
  check_taken(Kind::code, "9pnet", "module(\"9pnet\")");
  check_taken(Kind::code, "/usr/bin/a b", "process(\"/usr/bin/a b\")");
  check_taken(Kind::code, "/opt/\xc3\xa4", "process(\"/opt/\xc3\xa4\")");
  for (const char* value : {"", "a/b", "./a", "kernel.function", "/bin/*", "/bin/?", "/bin/[a]", "/bin/{a,b}",
                            "/bin/$x", "/bin/\"", "/bin/\\", "/bin/a\nb", "/bin/%{", "/bin/\x7f", "a b", "-p"}) {
    check_refused(Kind::code, value);
  }
  check_refused(Kind::code, "/" + std::string(5000, 'a'));
  check_refused(Kind::code, std::string(56, 'a'));
}

TEST_CASE("parameter: modules, functions, places, interfaces", "[parameter]") {
  check_taken(Kind::module, "x_tables", "\"x_tables\"");
  check_taken(Kind::module, "8021q", "\"8021q\"");
  check_taken(Kind::function, "tcp_v4_*", "\"tcp_v4_*\"");
  check_taken(Kind::function, "foo.constprop.0", "\"foo.constprop.0\"");
  check_taken(Kind::function, "?eaf", "\"?eaf\"");
  check_taken(Kind::place, "main@src/a.c:12", "\"main@src/a.c:12\"");
  for (const char* place : {"f@a.c:*", "f@*:1", "*@net/core/dev.c:406,409,429", "f@a-b.c:1-20", "f@a.c:+3"})
    check_taken(Kind::place, place, "\"" + std::string(place) + "\"");
  check_taken(Kind::interface, "enp1s0.100", "\"enp1s0.100\"");
  check_taken(Kind::interface, "", "\"\"");
  for (const char* value : {"", "a b", "a/b", "../x", "a;b", "a.ko"}) check_refused(Kind::module, value);
  for (const char* value : {"", "1abc", "a b", "a@b", "a(", "a-b", "a\"", "f[0-9]"})
    check_refused(Kind::function, value);
  for (const char* value : {"", "main", "main@a.c", "main@a.c:", "main@a.c:x", "main@a.c:1-", "@a.c:1", "main@:1",
                            "main@a b.c:1", "main@a.c:1 ", "main@a.c:1:2", "main@a.c:9999999999"})
    check_refused(Kind::place, value);
  for (const char* value : {"a b", "a/b", "a:b", "sixteencharacter"}) check_refused(Kind::interface, value);
}

TEST_CASE("parameter: a switch", "[parameter]") {
  check_taken(Kind::toggle, "yes", "1");
  check_taken(Kind::toggle, "no", "0");
  for (const char* value : {"", "1", "0", "true", "YES", "yes ", "yes\n"}) check_refused(Kind::toggle, value);
}

TEST_CASE("parameter: variables are printed by name", "[parameter]") {
  check_taken(Kind::variables, "", "\"\"");
  check_taken(Kind::variables, "a", "\" a=\" . sprintf(\"%s\", $a$)");
  check_taken(Kind::variables, "a,p->x[3]->y",
              "\" a=\" . sprintf(\"%s\", $a$) . \" p->x[3]->y=\" . sprintf(\"%s\", $p->x[3]->y$)");
  for (const char* value :
       {",", "a,", ",a", "a b", "$a", "a$", "a->", "->a", "a[", "a[x]", "a[1", "1a", "a.b", "a-b", "a()", "a,b;c"})
    check_refused(Kind::variables, value);
  check_refused(Kind::variables, std::string(201, 'a'));
}

TEST_CASE("parameter: no hostile value is taken by a strict kind", "[parameter]") {
  for (auto kind : kStrict) {
    for (const auto& value :
         {std::string("\""), std::string("\\"), std::string("x\n"), std::string("\nx"), std::string("x\0y", 3),
          std::string("%{ x %}"), std::string("\") { exit() } probe begin { system(\"x\") } //"), std::string("x\xff"),
          std::string("x\xc3\xa4"), std::string("x\xe2\x80\xae"), std::string("x`id`"), std::string("x#"),
          std::string("x/*"), std::string("{{pid}}"), std::string("@x()"), std::string("$(x)"),
          std::string(100000, 'x')}) {
      check_refused(kind, value);
    }
  }
}

TEST_CASE("parameter: what a header declares", "[parameter]") {
  auto parameter = parse_parameter("where code required an absolute path");
  REQUIRE(parameter.has_value());
  CHECK(parameter->required);
  CHECK(parameter->fallback.empty());
  CHECK(parameter->help == "an absolute path");
  CHECK(kind_name(parameter->kind) == "code");
  for (const char* text : {"", "x", "X pid 0 a", "x-y pid 0 a", "x process 0 a", "x pid -1 a", "x switch maybe a",
                           "x place \"\" a", "x signal NOPE a"}) {
    INFO(text);
    CHECK_FALSE(parse_parameter(text).has_value());
  }
}
