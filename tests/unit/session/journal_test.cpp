#include "session/journal.h"

#include <sys/stat.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <chrono>

#include "catch.h"
#include "sys/file.h"
#include "temporary.h"

using namespace stapkill;

namespace {

constexpr Time kSecond = 1'000'000'000;

/// A journalctl that writes its arguments beside itself, and then says what a test wants.
std::string made(const Temporary& folder, const std::string& commands) {
  auto path =
      folder.write("journalctl", "#!/bin/sh\necho \"$@\" >>" + (folder / "arguments").string() + "\n" + commands);
  REQUIRE(::chmod(path.c_str(), 0755) == 0);
  return path.string();
}

using Lines = std::vector<std::string>;

AskManager unit(std::string name, Time since = kSecond) {
  return {AskManager::Writer::systemd, std::move(name), since, {}};
}

struct Asking {
  boost::asio::io_context loop;
  std::vector<std::pair<std::string, Lines>> answers;
  Journal journal;

  explicit Asking(std::string program)
      : journal(
            loop, kSecond,
            [this](const std::string& unit, Lines lines) { answers.emplace_back(unit, std::move(lines)); },
            std::move(program)) {}
};

}  // namespace

TEST_CASE("journal: pid 1's lines about a unit", "[journal]") {
  Temporary folder;
  Asking asking(made(folder, "printf 'one\\n\\ntwo\\nthree'\n"));
  asking.journal.ask(unit("a.service", 100 * kSecond + 1));
  asking.loop.run();
  REQUIRE(asking.answers.size() == 1);
  CHECK(asking.answers[0] == std::pair(std::string("a.service"), Lines{"one", "two", "three"}));
  CHECK(*read_file(folder / "arguments") ==
        "--quiet --no-pager --output cat --lines=50 --since=@99 _PID=1 UNIT=a.service\n");
}

TEST_CASE("journal: the kubelet's lines about a container and its pod", "[journal]") {
  Temporary folder;
  Asking asking(made(folder, "printf 'killing ID1\\nother pod\\nns/web2\\nSyncLoop DELETE ns/web\\nof uid-1\\n'\n"));
  asking.journal.ask({AskManager::Writer::kubelet, "ID1", 500 * kSecond, {"uid-1", "ns/web"}});
  asking.loop.run();
  REQUIRE(asking.answers.size() == 1);
  CHECK(asking.answers[0] == std::pair(std::string("ID1"), Lines{"killing ID1", "SyncLoop DELETE ns/web", "of uid-1"}));
  CHECK(read_file(folder / "arguments")
            ->starts_with("--quiet --no-pager --output cat --lines=5000 --since=@350 _SYSTEMD_UNIT=kubelet.service "));
}

TEST_CASE("journal: a unit is asked about once at a time, and four units at once", "[journal]") {
  Temporary folder;
  Asking asking(made(folder, "echo line\n"));
  for (const char* name : {"a", "a", "b", "c", "d", "e"}) asking.journal.ask(unit(name));
  asking.loop.run();
  CHECK(asking.answers.size() == 6);
  CHECK(std::count_if(asking.answers.begin(), asking.answers.end(),
                      [](const auto& one) { return one.second.empty(); }) == 2);
}

TEST_CASE("journal: no answer is an answer without lines", "[journal]") {
  Asking none("");
  none.journal.ask(unit("a.service"));
  none.loop.run();
  CHECK(none.answers.size() == 1);
  Asking absent("/nonexistent/journalctl");
  absent.journal.ask(unit("a.service"));
  absent.loop.run();
  REQUIRE(absent.answers.size() == 1);
  CHECK(absent.answers[0].second.empty());
}

TEST_CASE("journal: one that takes too long is ended", "[journal]") {
  Temporary folder;
  Asking asking(made(folder, "echo early\nexec sleep 60\n"));
  asking.journal.ask(unit("a.service"));
  auto begun = std::chrono::steady_clock::now();
  asking.loop.run();
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(30));
  REQUIRE(asking.answers.size() == 1);
  CHECK(asking.answers[0].second == Lines{"early"});
}

TEST_CASE("journal: after a stop nothing is answered", "[journal]") {
  Temporary folder;
  Asking asking(made(folder, "echo late\n"));
  asking.journal.ask(unit("a.service"));
  asking.journal.stop();
  asking.loop.run();
  CHECK(asking.answers.empty());
}
