#include "script/template.h"

#include "base/resources.h"
#include "catch.h"
#include "literals.h"

using namespace stapkill;

namespace {

using Values = std::map<std::string, std::string>;

std::string must_render(const Template& source, const Values& values) {
  auto bound = bind_parameters(source, values);
  REQUIRE(bound.has_value());
  auto script = render(source, *bound);
  REQUIRE(script.has_value());
  return *script;
}

Template must_parse(std::string_view text) {
  auto source = parse_template("t", text);
  INFO((source ? std::string() : source.error().message.english()));
  REQUIRE(source.has_value());
  return *source;
}

/// A value of its kind for each parameter that has no default.
Values examples(const Template& source) {
  Values values;
  for (const auto& parameter : source.parameters) {
    if (!parameter.required) continue;
    switch (parameter.kind) {
      case Parameter::Kind::code:
        values[parameter.name] = "/usr/bin/true";
        break;
      case Parameter::Kind::place:
        values[parameter.name] = "main@*:1";
        break;
      default:
        values[parameter.name] = "overlay";
    }
  }
  return values;
}

constexpr std::string_view kHead =
    "%! summary: s\n%! parameter: pid pid 7 the pid\n%! parameter: sig signal SIGTERM the signal\n"
    "%! parameter: n number -3 a number\n%! parameter: who text \"\" a name\n";

}  // namespace

TEST_CASE("template: every embedded one can be read and rendered with its defaults", "[template]") {
  std::size_t files = 0;
  for (const auto& file : resources()) {
    if (file.path.rfind("templates/", 0) != 0 || !file.path.ends_with(".stp")) continue;
    INFO(file.path);
    ++files;
    auto source = parse_template(std::string(file.path), file.text);
    INFO((source ? std::string() : source.error().message.english()));
    REQUIRE(source.has_value());
    CHECK_FALSE(source->summary.empty());
    CHECK_FALSE(source->shows.empty());
    CHECK_FALSE(source->needs.empty());
    CHECK_FALSE(source->origin.empty());
    for (const auto& parameter : source->parameters) CHECK_FALSE(parameter.help.empty());
    auto script = must_render(*source, examples(*source));
    CHECK(script.find("{{") == std::string::npos);
    CHECK(script.find("%!") == std::string::npos);
    CHECK(script.find("probe ") != std::string::npos);
  }
  CHECK(files > 0);
  CHECK(templates().size() == files);
}

TEST_CASE("template: every declared parameter of the embedded ones is used", "[template]") {
  for (const auto& source : templates()) {
    for (const auto& parameter : source.parameters) {
      INFO(source.name << ' ' << parameter.name);
      auto used =
          parameter.kind == Parameter::Kind::toggle ? "{{#" + parameter.name + "}}" : "{{" + parameter.name + "}}";
      CHECK(source.body.find(used) != std::string::npos);
    }
  }
}

TEST_CASE("template: a tapset holds no tag but that of another tapset", "[template]") {
  for (const auto& file : resources()) {
    if (file.path.rfind("tapsets/", 0) != 0) continue;
    INFO(file.path);
    for (auto tag = file.text.find("{{"); tag != std::string_view::npos; tag = file.text.find("{{", tag + 2)) {
      auto name = file.text.substr(tag + 2, file.text.find("}}", tag) - tag - 2);
      REQUIRE(name.starts_with("> "));
      CHECK_FALSE(resource("tapsets/" + std::string(name.substr(2)) + ".stp").empty());
    }
  }
}

TEST_CASE("template: a parameter has no tapset's name", "[template]") {
  auto source = parse_template("t", "%! parameter: capture pid 0 help\n{{> capture}}\n");
  REQUIRE_FALSE(source.has_value());
  CHECK(source.error().message.english().find("'capture' has the name of a tapset") != std::string::npos);
}

TEST_CASE("template: a partial is a tapset, as it is", "[template]") {
  auto script = must_render(must_parse("{{> capture}}\nprobe begin {}\n"), {});
  auto text = resource("tapsets/capture.stp");
  REQUIRE_FALSE(text.empty());
  CHECK(script.find(text.substr(0, text.size() - 1)) != std::string::npos);
}

TEST_CASE("template: the header", "[template]") {
  auto source = must_parse(
      "%! summary: sum: mary\n%! shows: sh\n%! needs: ne\n%! origin: o\n%! options: -g --x\n"
      "%! parameter: pid pid 0 the process to watch\n%! parameter: t text \"\" words with spaces\nbody {{pid}}{{t}}\n");
  CHECK(source.name == "t");
  CHECK(source.summary == "sum: mary");
  CHECK(source.shows == "sh");
  CHECK(source.needs == "ne");
  CHECK(source.origin == "o");
  CHECK(source.options == std::vector<std::string>{"-g", "--x"});
  REQUIRE(source.parameters.size() == 2);
  CHECK(source.parameters[0].name == "pid");
  CHECK(source.parameters[0].kind == Parameter::Kind::pid);
  CHECK(source.parameters[0].fallback == "0");
  CHECK(source.parameters[0].help == "the process to watch");
  CHECK(source.parameters[1].kind == Parameter::Kind::text);
  CHECK(source.parameters[1].fallback == "");
  CHECK(source.body == "body {{pid}}{{t}}\n");
}

TEST_CASE("template: a header that is wrong", "[template]") {
  for (const char* text :
       {"%! sumary: x\n", "%! parameter: pid process 0 x\n", "%! parameter: pid\n", "%! x\n", "%! : x\n"}) {
    INFO(text);
    auto source = parse_template("name", text);
    REQUIRE_FALSE(source.has_value());
    CHECK(source.error().message.english().find("name") != std::string::npos);
    CHECK(source.error().kind != ErrorKind::usage);
  }
}

TEST_CASE("template: what would print raw text is refused", "[template]") {
  for (const char* body :
       {"{{{who}}}", "{{&who}}", "{{& who}}", "{{ &who}}", "{{ & who }}", "a {{{ b", "{{ {who} }}"}) {
    INFO(body);
    CHECK_FALSE(parse_template("t", std::string(kHead) + body).has_value());
  }
}

TEST_CASE("template: tags that are not declared are refused", "[template]") {
  for (const char* body :
       {"{{pidd}}", "{{PID}}", "{{}}", "{{ }}", "{{pid", "{{pid}", "{{#pid}}x{{/pid}}", "{{^pid}}x{{/pid}}", "{{.}}",
        "{{pid.x}}", "{{=<% %>=}}<%pid%>", "{{pid who}}", "{{pid}} {{whom}}", "{{\npidd}}"}) {
    INFO(body);
    auto source = parse_template("t", std::string(kHead) + body);
    CHECK_FALSE(source.has_value());
  }
  CHECK(parse_template("t", std::string(kHead) + "{{pid}} {{ who }} {{! a remark}}").has_value());
  const std::string toggled = std::string(kHead) + "%! parameter: on switch no a switch\n";
  for (const char* body : {"{{on}}", "{{#on}}", "{{#on}}x{{/off}}", "{{/on}}", "{{#on}}{{#pid}}x{{/pid}}{{/on}}",
                           "{{#on}}x{{/pid}}", "{{> on}}", "{{#on}}{{^on}}{{/on}}", "{{#}}"}) {
    INFO(body);
    CHECK_FALSE(parse_template("t", toggled + body).has_value());
  }
}

TEST_CASE("template: a switch asks for a section", "[template]") {
  auto source = must_parse("%! parameter: on switch no a switch\n{{#on}}yes{{/on}}{{^on}}no{{/on}}");
  CHECK(must_render(source, {}) == "no");
  CHECK(must_render(source, {{"on", "no"}}) == "no");
  CHECK(must_render(source, {{"on", "yes"}}) == "yes");
}

TEST_CASE("template: what is required must be given", "[template]") {
  auto source = must_parse("%! parameter: where code required a place\n{{where}}");
  CHECK(source.parameters.at(0).required);
  auto bound = bind_parameters(source, {});
  REQUIRE_FALSE(bound.has_value());
  CHECK(bound.error().kind == ErrorKind::usage);
  CHECK(bound.error().message.english().find("where") != std::string::npos);
  CHECK(must_render(source, {{"where", "kernel"}}) == "kernel");
}

TEST_CASE("template: errors name the line", "[template]") {
  const std::pair<std::string, const char*> rows[] = {
      {"%! summary: s\n%! sumary: x\n", "FILE:2: "},
      {"%! parameter: pid process 0 x\n", "FILE:1: "},
      {"%! parameter: pid pid x the pid\n", "FILE:1: "},
      {"%! parameter: pid pid 0 a\n%! parameter: pid pid 0 b\n", "FILE:2: "},
      {"%! summary: s\n\nprobe begin {\n\tprintf(\"%d\", {{pid}})\n}\n", "FILE:4: "},
      {"%! summary: s\na\nb {{{x}}}\n", "FILE:3: "},
      {"%! summary: s\n\xff\n", "FILE:2: "},
      {std::string("%! summary: s\na\n\0\n", 19), "FILE:3: "},
      {"%! parameter: on switch no x\n{{#on}}\n", "FILE:2: "},
  };
  for (const auto& [text, place] : rows) {
    INFO(text);
    auto source = parse_template("name", text, "FILE");
    REQUIRE_FALSE(source.has_value());
    CHECK(source.error().message.english().starts_with(place));
  }
}

TEST_CASE("template: a partial that does not exist is refused", "[template]") {
  auto source = parse_template("t", "{{> captrue}}\nprobe begin {}\n");
  bool refused = !source || !render(*source, {});
  CHECK(refused);
}

TEST_CASE("template: values take their place", "[template]") {
  auto source = must_parse(std::string(kHead) + "{{pid}} {{sig}} {{n}} {{who}}");
  CHECK(must_render(source, {}) == "7 15 -3 \"\"");
  CHECK(must_render(source, {{"pid", "42"}, {"sig", "kill"}, {"n", "-9223372036854775808"}, {"who", "a b"}}) ==
        "42 9 -9223372036854775808 \"a b\"");
  CHECK(must_render(source, {{"pid", "0"}, {"sig", "0"}, {"n", "0"}}) == "0 0 0 \"\"");
  CHECK(must_render(source, {{"who", "<&>'"}}) == "7 15 -3 \"<&>'\"");  // no HTML
  CHECK(must_render(source, {{"who", "{{pid}}"}}) == "7 15 -3 \"{{pid}}\"");
}

TEST_CASE("template: an unknown parameter is a usage error that names it", "[template]") {
  auto source = must_parse(std::string(kHead) + "{{pid}}");
  auto bound = bind_parameters(source, {{"pidd", "1"}});
  REQUIRE_FALSE(bound.has_value());
  CHECK(bound.error().kind == ErrorKind::usage);
  CHECK(bound.error().message.english().find("'pidd'") != std::string::npos);
  CHECK(bound.error().remedy.english().find("pid") != std::string::npos);
}

TEST_CASE("template: a wrong value is a usage error that names parameter and value", "[template]") {
  auto source = must_parse(std::string(kHead) + "{{pid}}");
  const std::pair<const char*, std::vector<const char*>> rows[] = {
      {"pid", {"", "x", "-1", "1x", " 1", "1 ", "1.0", "0x1", "1;exit()", "99999999999999999999", "1\n"}},
      {"n", {"", "x", "1.5", "--1", "+1", "1e3", "99999999999999999999"}},
      {"sig", {"NOPE", "-9", "65", "9 ", "9;exit()", "SIG"}},
  };
  for (const auto& [name, values] : rows) {
    for (const char* value : values) {
      INFO(name << '=' << value);
      auto bound = bind_parameters(source, {{name, value}});
      REQUIRE_FALSE(bound.has_value());
      CHECK(bound.error().kind == ErrorKind::usage);
      CHECK(bound.error().message.english().find("'" + std::string(name) + "'") != std::string::npos);
      CHECK(bound.error().message.english().find("'" + std::string(value) + "'") != std::string::npos);
    }
  }
}

TEST_CASE("template: an unknown name is a usage error that lists those there are", "[template]") {
  auto found = find_template("watcher");
  REQUIRE_FALSE(found.has_value());
  CHECK(found.error().kind == ErrorKind::usage);
  CHECK(found.error().message.english().find("'watcher'") != std::string::npos);
  CHECK(found.error().remedy.english().find("watch") != std::string::npos);
  auto watch = find_template("watch");
  REQUIRE(watch.has_value());
  CHECK((*watch)->name == "watch");
  CHECK_FALSE(find_template("").has_value());
  CHECK_FALSE(find_template("../tapsets/capture").has_value());
}

TEST_CASE("template: hostile text changes nothing but its own literals, in every embedded one", "[template]") {
  const std::string benign = "qqqbenignqqq";
  const std::string hostile[] = {"\"",
                                 "\\",
                                 "\\\"",
                                 "\n",
                                 "\") { exit() } probe begin { system(\"reboot\") } //",
                                 "%} exit() %{",
                                 "*/",
                                 "#",
                                 "{{pid}}",
                                 "{{{pid}}}",
                                 "%( kernel_v > \"1\" %? x %)",
                                 "$x",
                                 "@define",
                                 std::string("a\0b", 3),
                                 "\xff\xfe\xc3",
                                 "\r\n",
                                 "<&>\"'",
                                 "%s%n",
                                 std::string(5000, '"')};
  std::size_t checked = 0;
  for (const auto& source : templates()) {
    for (const auto& parameter : source.parameters) {
      if (parameter.kind != Parameter::Kind::text) continue;
      auto values = examples(source);
      values[parameter.name] = benign;
      auto calm = literals::take_apart(must_render(source, values));
      for (const auto& value : hostile) {
        INFO(source.name << ' ' << parameter.name << '=' << value);
        values[parameter.name] = value;
        auto rough = literals::take_apart(must_render(source, values));
        CHECK(rough.around == calm.around);
        REQUIRE(rough.literals.size() == calm.literals.size());
        std::size_t changed = 0;
        for (std::size_t i = 0; i < calm.literals.size(); ++i) {
          if (rough.literals[i] == calm.literals[i]) continue;
          ++changed;
          CHECK(literals::read(calm.literals[i]) == benign);
          CHECK(literals::read(rough.literals[i]) == value);
        }
        CHECK(changed > 0);
        ++checked;
      }
    }
  }
  CHECK(checked > 0);
}
