#include "session/frame_finder.h"

#include <sys/stat.h>

#include <boost/asio/io_context.hpp>
#include <chrono>

#include "catch.h"
#include "temporary.h"

using namespace stapkill;

namespace {

constexpr Time kSecond = 1'000'000'000;

std::string made(const Temporary& folder, const std::string& commands) {
  auto path = folder.write("finder", "#!/bin/sh\n" + commands);
  REQUIRE(::chmod(path.c_str(), 0755) == 0);
  return path.string();
}

StackRequest request() {
  StackRequest one;
  one.stack.registers[UserStack::kInstruction] = 0x1234;
  one.stack.code = {{0x1000, 0x2000, 0x8000, 5, 0, "/usr/bin/a"}};
  return one;
}

struct Asking {
  boost::asio::io_context loop;
  std::vector<std::pair<std::uint64_t, std::vector<Frame>>> answers;
  FrameFinder finder;

  explicit Asking(std::string program, Time limit = 10 * kSecond)
      : finder(
            loop, limit,
            [this](std::uint64_t id, std::vector<Frame> frames) { answers.emplace_back(id, std::move(frames)); },
            std::nullopt, std::move(program)) {}
};

/// What is known without a child.
void check_innermost(const std::vector<Frame>& frames) {
  REQUIRE(frames.size() == 1);
  CHECK(frames[0].module == "a");
  CHECK(frames[0].offset == 0x8234);
  CHECK_FALSE(frames[0].function);
}

}  // namespace

TEST_CASE("frame finder: the child gets the request and gives the frames", "[frame_finder]") {
  Temporary folder;
  auto file = (folder / "request").string();
  Asking asking(made(folder, "cat >" + file + "\necho \"$1\" >>" + file + "\necho 'frame 1 a 2 abort - - -'\n"));
  asking.finder.ask(7, request());
  asking.loop.run();
  REQUIRE(asking.answers.size() == 1);
  CHECK(asking.answers[0].first == 7);
  CHECK(asking.answers[0].second == std::vector<Frame>{{1, "a", 2, "abort", {}, {}, {}}});
  auto text = read_file(folder / "request").value_or("");
  CHECK(text.find(lines_of(request())) == 0);
  CHECK(text.ends_with("frames\n"));
}

TEST_CASE("frame finder: one that fails, says nonsense, or is absent", "[frame_finder]") {
  Temporary folder;
  for (const auto& program : {made(folder, "exit 1\n"), made(folder, "echo nonsense\n"), std::string("/nonexistent")}) {
    Asking asking(program);
    asking.finder.ask(1, request());
    asking.loop.run();
    REQUIRE(asking.answers.size() == 1);
    check_innermost(asking.answers[0].second);
  }
}

TEST_CASE("frame finder: one that takes too long is ended", "[frame_finder]") {
  Temporary folder;
  Asking asking(made(folder, "exec sleep 60\n"), kSecond / 5);
  asking.finder.ask(1, request());
  auto begun = std::chrono::steady_clock::now();
  asking.loop.run();
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(30));
  REQUIRE(asking.answers.size() == 1);
  check_innermost(asking.answers[0].second);
}

TEST_CASE("frame finder: many questions, two children at once, each has an answer", "[frame_finder]") {
  Temporary folder;
  Asking asking(made(folder, "echo 'frame 1 a 2 abort - - -'\n"));
  for (std::uint64_t id = 1; id <= 100; ++id) asking.finder.ask(id, request());
  asking.loop.run();
  CHECK(asking.answers.size() == 100);
}

TEST_CASE("frame finder: no answer after its end", "[frame_finder]") {
  Temporary folder;
  Asking asking(made(folder, "exec sleep 60\n"));
  asking.finder.ask(1, request());
  asking.loop.run_one();
  asking.finder.stop();
  asking.loop.run();
  CHECK(asking.answers.empty());
}
