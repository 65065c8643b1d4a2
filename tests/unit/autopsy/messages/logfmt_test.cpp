#include "autopsy/messages/logfmt.h"

#include "autopsy/messages/patterns.h"
#include "catch.h"

using namespace stapkill;

TEST_CASE("logfmt: logrus", "[autopsy]") {
  auto said = parse_logfmt(
      R"(time="2025-05-19T18:14:43.578084676Z" level=info msg="Kill container \"4f5c\"" id=ab12 error="a=\"b\"\nc")");
  REQUIRE(said.has_value());
  CHECK(said->message == "Kill container \"4f5c\"");
  CHECK((*said)["id"] == "ab12");
  CHECK((*said)["error"] == "a=\"b\"\nc");
  CHECK((*said)["none"].empty());
  CHECK(parse_logfmt("level=info msg=starting")->message == "starting");
  CHECK(!parse_logfmt("Started something"));
  CHECK(!parse_logfmt(""));
  CHECK(!parse_logfmt("level=info error=\"msg=x\""));
  CHECK(parse_logfmt("msg=\"cut off")->message == "cut off");
  CHECK(parse_logfmt("msg=\"")->message.empty());
  CHECK(parse_logfmt("msg=\"\\")->message == "\\");
}

TEST_CASE("logfmt: klog", "[autopsy]") {
  const std::string head = "I0507 11:59:34.518822    3224 kuberuntime_container.go:745] ";
  auto said = parse_klog(
      head +
          R"("A \"b\"" pod="ns/a" pods=["ns/a" "ns/b c"] old=[ns/a ns/b] event={"ID":"x","Data":"}"} go=&{ID:x Type:Died} n=30)",
      3224);
  REQUIRE(said.has_value());
  CHECK(said->structured);
  CHECK(said->message == "A \"b\"");
  CHECK((*said)["pod"] == "ns/a");
  CHECK((*said)["pods"] == R"(["ns/a" "ns/b c"])");
  CHECK((*said)["old"] == "[ns/a ns/b]");
  CHECK((*said)["event"] == R"({"ID":"x","Data":"}"})");
  CHECK((*said)["go"] == "&{ID:x Type:Died}");
  CHECK((*said)["n"] == "30");
  said = parse_klog(head + "Killing container \"docker://x\" with 30 second grace period", 0);
  REQUIRE(said.has_value());
  CHECK(!said->structured);
  CHECK(said->message == "Killing container \"docker://x\" with 30 second grace period");
  // Another process, or no header at the start.
  CHECK(!parse_klog(head + "\"A\"", 99));
  CHECK(!parse_klog("\t" + head + "\"A\"", 3224));
  CHECK(!parse_klog("\"A\" pod=\"x\"", 0));
  CHECK(!parse_klog("", 0));
  // Cut off inside a value.
  CHECK((*parse_klog(head + "\"A\" pods=[\"ns/a\" \"", 0))["pods"] == "[\"ns/a\" \"");
  CHECK((*parse_klog(head + "\"A\" event=&", 0))["event"] == "&");
  CHECK((*parse_klog(head + "\"A\" event=&{", 0))["event"] == "&{");
}

TEST_CASE("patterns: the first that fits the whole text", "[autopsy]") {
  Patterns patterns({"a(b)?c", "a.*", "x(\\d+)"});
  CHECK(patterns.ok());
  CHECK(patterns.match("abc")->row == 0);
  CHECK((*patterns.match("abc"))[1] == "b");
  CHECK((*patterns.match("ac"))[1].empty());
  CHECK((*patterns.match("ac"))[7].empty());
  CHECK(patterns.match("abcd")->row == 1);
  CHECK(!patterns.match(" x1"));
  CHECK(with_groups("n=$1, $2$", *patterns.match("x12")) == "n=12, $");
  CHECK(patterns.match("a\xff\x80")->row == 1);
  CHECK(pid_in("12") == 12);
  CHECK(pid_in("-1") == 0);
  CHECK(pid_in("12a") == 0);
  CHECK(first_line("a\nb") == "a");
  CHECK(first_line(std::string(9000, 'x')).size() == 4096);
}
