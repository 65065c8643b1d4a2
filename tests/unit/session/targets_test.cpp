#include "session/targets.h"

#include "catch.h"

using namespace stapkill;

namespace {

Process make_process(int pid, std::string comm) {
  Process process;
  process.pid = pid;
  process.start = 1;
  process.comm = std::move(comm);
  return process;
}

Targets must_make(TargetOptions options) {
  auto targets = Targets::make(std::move(options));
  REQUIRE(targets.has_value());
  return std::move(*targets);
}

}  // namespace

TEST_CASE("targets: a bad pattern is a usage error that shows it", "[targets]") {
  for (const char* pattern : {"(", "a[", "*", "a{2,1}", "\\", "(?=x)", "(a)\\1", "a**"}) {
    INFO(pattern);
    auto targets = Targets::make({.names = {"good", pattern}});
    REQUIRE_FALSE(targets.has_value());
    CHECK(targets.error().usage);
    CHECK(targets.error().message.find("--name") != std::string::npos);
    CHECK(targets.error().message.find("'" + std::string(pattern) + "'") != std::string::npos);
    CHECK(targets.error().message.find('\n') == std::string::npos);
  }
}

TEST_CASE("targets: by pid", "[targets]") {
  auto targets = must_make({.pids = {5, 7}});
  CHECK(targets.by_pid());
  CHECK(targets.matches(make_process(5, "x")));
  CHECK(targets.matches(make_process(7, "x")));
  CHECK_FALSE(targets.matches(make_process(6, "x")));
  targets.forget_pid(5);
  CHECK_FALSE(targets.matches(make_process(5, "x")));
  targets.add_pid(6);
  CHECK(targets.matches(make_process(6, "x")));
  targets.seal();
  CHECK_FALSE(targets.matches(make_process(7, "x")));
}

TEST_CASE("targets: a pid that may come later is still wanted after the arming", "[targets]") {
  auto targets = must_make({.pids = {5}, .wait = true});
  targets.seal();
  CHECK(targets.matches(make_process(5, "x")));
  targets.forget_pid(5);
  CHECK_FALSE(targets.matches(make_process(5, "x")));
}

TEST_CASE("targets: by name", "[targets]") {
  auto targets = must_make({.names = {"^nginx", "work.*r$"}});
  CHECK_FALSE(targets.by_pid());
  CHECK(targets.matches(make_process(1, "nginx")));
  CHECK(targets.matches(make_process(1, "nginx-x")));
  CHECK(targets.matches(make_process(1, "my worker")));
  CHECK_FALSE(targets.matches(make_process(1, "my-nginx")));
  CHECK_FALSE(targets.matches(make_process(1, "workers")));
  CHECK_FALSE(targets.matches(make_process(1, "Nginx")));
}

TEST_CASE("targets: a name is bytes", "[targets]") {
  CHECK(must_make({.names = {"^a.b$"}})
            .matches(make_process(1,
                                  "a\xff"
                                  "b")));
  CHECK(must_make({.names = {"^\\xff$"}}).matches(make_process(1, "\xff")));
  CHECK(must_make({.names = {"^.{4}$"}}).matches(make_process(1, "\xc3\xa4\xc3\xb6")));
}

TEST_CASE("targets: all", "[targets]") {
  auto targets = must_make({.all = true});
  CHECK_FALSE(targets.by_pid());
  CHECK(targets.matches(make_process(1, "x")));
}

TEST_CASE("targets: a command alone matches nothing that runs", "[targets]") {
  auto targets = must_make({.command = {"true"}});
  CHECK(targets.by_pid());
  CHECK_FALSE(targets.matches(make_process(1, "true")));
}
