#include "session/hook.h"

#include <sys/stat.h>

#include <boost/asio/io_context.hpp>
#include <chrono>

#include "catch.h"
#include "temporary.h"

using namespace stapkill;
using namespace std::chrono_literals;

namespace {

constexpr Time kSecond = 1'000'000'000;

struct Hooked {
  Temporary folder;
  boost::asio::io_context loop;
  std::vector<std::string> troubles;
  std::unique_ptr<Hook> hook;

  explicit Hooked(const std::string& commands, Time limit = 10 * kSecond) {
    auto path = folder.write("hook", "#!/bin/sh\n" + commands);
    REQUIRE(::chmod(path.c_str(), 0755) == 0);
    hook = std::make_unique<Hook>(loop, path.string(), limit,
                                  [this](const std::string& line) { troubles.push_back(line); });
  }
};

}  // namespace

TEST_CASE("hook: each record is the standard input of one run, in order", "[hook]") {
  Temporary folder;
  Hooked hooked("cat >>" + (folder / "got").string() + "\n");
  hooked.hook->run("{\"a\":1}\n");
  hooked.hook->run("{\"a\":2}");
  hooked.loop.run();
  CHECK(read_file(folder / "got") == "{\"a\":1}\n{\"a\":2}\n");
  CHECK(hooked.troubles.empty());
}

TEST_CASE("hook: one at a time", "[hook]") {
  Temporary folder;
  auto lock = (folder / "lock").string();
  Hooked hooked("mkdir " + lock + " || exit 1\nsleep 0.1\nrmdir " + lock + "\n");
  for (int i = 0; i < 4; ++i) hooked.hook->run("x");
  hooked.loop.run();
  CHECK(hooked.troubles.empty());
}

TEST_CASE("hook: its environment is minimal and its directory is /", "[hook]") {
  Temporary folder;
  ::setenv("STAPKILL_UNIT_SECRET", "x", 1);
  Hooked hooked("{ env; pwd; } >" + (folder / "got").string() + "\n");
  hooked.hook->run("x");
  hooked.loop.run();
  auto got = read_file(folder / "got").value_or("");
  CHECK(got.find("STAPKILL_UNIT_SECRET") == std::string::npos);
  CHECK(got.find("HOME=") == std::string::npos);
  CHECK(got.find("PATH=/usr/local/sbin:") != std::string::npos);
  CHECK(got.ends_with("\n/\n"));
}

TEST_CASE("hook: one that hangs is killed, with what it started, and the next one runs", "[hook]") {
  Temporary folder;
  auto first = (folder / "first").string();
  Hooked hooked(
      "[ -e " + first + " ] || { touch " + first + "; sleep 3600; }\ntouch " + (folder / "second").string() + "\n",
      kSecond / 2);
  hooked.hook->run("x");
  hooked.hook->run("x");
  hooked.loop.run_for(60s);
  CHECK(std::filesystem::exists(folder / "second"));
  REQUIRE(hooked.troubles.size() == 1);
  CHECK(hooked.troubles[0].find("was killed") != std::string::npos);
}

TEST_CASE("hook: a failure is reported once, with its words, until it works again", "[hook]") {
  Hooked hooked("echo no such bucket >&2\nexit 3\n");
  for (int i = 0; i < 3; ++i) hooked.hook->run("x");
  hooked.loop.run();
  REQUIRE(hooked.troubles.size() == 1);
  CHECK(hooked.troubles[0].ends_with("exited with status 3: no such bucket"));
}

TEST_CASE("hook: more records than it can take are dropped, counted and reported", "[hook]") {
  Hooked hooked("exit 0\n");
  for (std::size_t i = 0; i < Hook::kMostWaiting + 11; ++i) hooked.hook->run("x");
  hooked.loop.run();
  REQUIRE(hooked.troubles.size() == 2);
  CHECK(hooked.troubles[0].find("too slow") != std::string::npos);
  CHECK(hooked.troubles[1].find("did not get 10 records") != std::string::npos);
}

TEST_CASE("hook: the program is an absolute path, or on PATH", "[hook]") {
  CHECK(Hook::find("/bin/sh") == "/bin/sh");
  CHECK(Hook::find("sh").value_or("").ends_with("/sh"));
  for (const auto* wrong : {"", "./sh", "bin/sh", "/no/such", "no-such-program", "/etc/passwd"}) {
    INFO(wrong);
    auto found = Hook::find(wrong);
    REQUIRE_FALSE(found.has_value());
    CHECK(found.error().kind == ErrorKind::usage);
  }
}
