#include "engine/targets.h"

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

TEST_CASE("targets: a pattern does not match stapkill, --pid and --all do", "[targets]") {
  Process own;
  own.pid = 77;
  own.comm = "stapkill";
  own.argv = {"stapkill", "--cmdline", "web"};
  own.uid = 0;
  for (const auto& options :
       {TargetOptions{.cmdlines = {"web"}}, TargetOptions{.names = {"stap"}}, TargetOptions{.uids = {"0"}}}) {
    auto targets = must_make(options);
    CHECK(targets.matches(own));
    targets.leave_out(77);
    CHECK_FALSE(targets.matches(own));
    own.pid = 78;
    CHECK(targets.matches(own));
    own.pid = 77;
  }
  for (const auto& options : {TargetOptions{.pids = {77}}, TargetOptions{.all = true}}) {
    auto targets = must_make(options);
    targets.leave_out(77);
    CHECK(targets.matches(own));
  }
}

TEST_CASE("targets: a bad pattern is a usage error that shows it", "[targets]") {
  for (const char* pattern : {"(", "a[", "*", "a{2,1}", "\\", "(?=x)", "(a)\\1", "a**"}) {
    INFO(pattern);
    auto targets = Targets::make({.names = {"good", pattern}});
    REQUIRE_FALSE(targets.has_value());
    CHECK(targets.error().kind == ErrorKind::usage);
    CHECK(targets.error().message.english().find("--name") != std::string::npos);
    CHECK(targets.error().message.english().find("'" + std::string(pattern) + "'") != std::string::npos);
    CHECK(targets.error().message.english().find('\n') == std::string::npos);
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

TEST_CASE("targets: only a command matches no running process", "[targets]") {
  auto targets = must_make({.command = {"true"}});
  CHECK(targets.by_pid());
  CHECK_FALSE(targets.matches(make_process(1, "true")));
}

TEST_CASE("targets: by program, also one that was deleted since", "[targets]") {
  auto targets = must_make({.exes = {"/usr/sbin/nginx", "/opt/my server"}});
  auto process = make_process(1, "x");
  CHECK_FALSE(targets.matches(process));
  process.exe = "/usr/sbin/nginx";
  CHECK(targets.matches(process));
  process.exe = "/opt/my server (deleted)";
  CHECK(targets.matches(process));
  process.exe = "/usr/sbin/nginx-debug";
  CHECK_FALSE(targets.matches(process));
}

TEST_CASE("targets: by command line", "[targets]") {
  auto targets = must_make({.cmdlines = {"^java .*-jar /srv/shop\\.jar$", "\\xff"}});
  auto process = make_process(1, "java");
  CHECK_FALSE(targets.matches(process));
  process.argv = {"java", "-Xmx1g", "-jar", "/srv/shop.jar"};
  CHECK(targets.matches(process));
  process.argv->push_back("--port");
  CHECK_FALSE(targets.matches(process));
  process.argv->push_back("\xff");
  CHECK(targets.matches(process));
  process.argv = {"java\n", "-jar", "/srv/shop.jar"};  // a line's end is a character like others
  CHECK_FALSE(targets.matches(process));
  process.argv = {"java", "\n-jar", "/srv/shop.jar"};
  CHECK(targets.matches(process));
}

TEST_CASE("targets: by user", "[targets]") {
  auto targets = must_make({.uids = {"0", "4294967294"}});
  auto process = make_process(1, "x");
  CHECK_FALSE(targets.matches(process));
  for (auto [uid, matches] : {std::pair<std::int64_t, bool>{0, true}, {4294967294, true}, {1000, false}}) {
    process.uid = uid;
    CHECK(targets.matches(process) == matches);
  }
}

TEST_CASE("targets: by cgroup and by unit", "[targets]") {
  auto process = make_process(1, "x");
  process.cgroup = "/system.slice/nginx.service/worker";
  CHECK(must_make({.cgroups = {"/system.slice"}}).matches(process));
  CHECK(must_make({.cgroups = {"/system.slice/nginx.service/worker"}}).matches(process));
  CHECK_FALSE(must_make({.cgroups = {"/system.slice/nginx"}}).matches(process));
  CHECK(must_make({.cgroups = {"/"}}).matches(process));
  CHECK(must_make({.units = {"nginx.service"}}).matches(process));
  CHECK(must_make({.units = {"system.slice"}}).matches(process));
  CHECK_FALSE(must_make({.units = {"ginx.service"}}).matches(process));
}

TEST_CASE("targets: by container and by pod", "[targets]") {
  const std::string id(64, 'a'), other = std::string(63, 'a') + 'b', uid = "01234567-89ab-cdef-0123-456789abcdef";
  auto process = make_process(1, "x");
  process.cgroup =
      "/kubepods.slice/kubepods-pod01234567_89ab_cdef_0123_456789abcdef.slice/cri-containerd-" + id + ".scope";
  CHECK(must_make({.container_ids = {id}}).container_asked_for(process)->id == id);
  CHECK(must_make({.container_ids = {"aaaaaaaaaaaa"}}).matches(process));
  CHECK_FALSE(must_make({.container_ids = {other}}).matches(process));
  CHECK(must_make({.pod_uids = {uid}}).matches(process));
  CHECK_FALSE(must_make({.names = {"^x$"}}).container_asked_for(process));
  CHECK(must_make({.names = {"^x$"}, .pod_uids = {uid}}).matches_itself(process));
  CHECK_FALSE(must_make({.pod_uids = {uid}}).matches_itself(process));
  CHECK_FALSE(must_make({.cgroups = {"/"}}).matches_itself(process));
  CHECK(must_make({.cgroups = {"/", "/x"}}).places_of(process) == std::vector<std::string>{"/"});

  // A nested one belongs to both; the name of an LXC container is the whole of it.
  process.cgroup = "/docker/" + id + "/docker/" + other;
  CHECK(must_make({.container_ids = {id}}).container_asked_for(process)->id == id);
  process.cgroup = "/lxc.payload.web2";
  CHECK_FALSE(must_make({.container_ids = {"web"}}).matches(process));
  CHECK(must_make({.container_ids = {"web2"}}).matches(process));
}

TEST_CASE("targets: what was asked for, but matches no process", "[targets]") {
  CHECK(must_make({.containers = {"web"}}).by_pid());
  CHECK_FALSE(must_make({.containers = {"web"}, .container_ids = {"web"}}).by_pid());
  CHECK_FALSE(must_make({.pods = {"web"}, .wait = true}).by_pid());
}

TEST_CASE("targets: a session says what was asked for", "[targets]") {
  TargetOptions options{.pids = {7}, .names = {"a"}, .units = {"b.service"}, .all = true, .children = true};
  using Rows = std::vector<std::pair<std::string, std::vector<std::string>>>;
  CHECK(described(options) ==
        Rows{{"pid", {"7"}}, {"name", {"a"}}, {"unit", {"b.service"}}, {"all", {}}, {"children", {}}});
}

TEST_CASE("targets: a name that a comm has no room for", "[targets]") {
  auto targets = must_make({.names = {"^containerd-shim-runc-v2$"}});
  auto process = make_process(5, "containerd-shim");
  CHECK_FALSE(targets.matches(process));
  process.exe = "/usr/bin/containerd-shim-runc-v2";
  CHECK(targets.matches(process));
  process.exe = "/usr/bin/python3";
  process.argv = {{"/opt/containerd-shim-runc-v2", "-x"}};
  CHECK(targets.matches(process));
  process.comm = "other";  // it renamed itself
  CHECK_FALSE(targets.matches(process));
}
