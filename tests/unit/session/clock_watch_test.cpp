#include "session/clock_watch.h"

#include "catch.h"

using namespace stapkill;

namespace {

constexpr Time kSecond = 1'000'000'000;
constexpr Time kWall = 1'700'000'000 * kSecond;
using Why = BlindInterval::Why;

}  // namespace

TEST_CASE("clock watch: time that only passes is none", "[clock_watch]") {
  ClockWatch watch;
  CHECK(watch.look({kWall, 100 * kSecond, 90 * kSecond}).empty());
  CHECK(watch.look({kWall + 7 * kSecond, 107 * kSecond, 97 * kSecond}).empty());
  CHECK(
      watch.look({kWall + 8 * kSecond + kSecond / 2, 108 * kSecond, 98 * kSecond}).empty());  // a clock that is slewed
}

TEST_CASE("clock watch: the machine slept", "[clock_watch]") {
  ClockWatch watch;
  CHECK(watch.look({kWall, 100 * kSecond, 90 * kSecond}).empty());
  auto gaps = watch.look({kWall + 61 * kSecond, 161 * kSecond, 91 * kSecond});
  REQUIRE(gaps.size() == 1);
  CHECK(gaps[0] == BlindInterval{kWall + kSecond, kWall + 61 * kSecond, Why::suspended, 0});
}

TEST_CASE("clock watch: the clock was set forward and back", "[clock_watch]") {
  ClockWatch watch;
  CHECK(watch.look({kWall, 100 * kSecond, 90 * kSecond}).empty());
  auto forward = watch.look({kWall + 3601 * kSecond, 101 * kSecond, 91 * kSecond});
  REQUIRE(forward.size() == 1);
  CHECK(forward[0] == BlindInterval{kWall + kSecond, kWall + 3601 * kSecond, Why::stepped, 0});
  auto back = watch.look({kWall + 2 * kSecond, 102 * kSecond, 92 * kSecond});
  REQUIRE(back.size() == 1);
  CHECK(back[0] == BlindInterval{kWall + 2 * kSecond, kWall + 3602 * kSecond, Why::stepped, 0});
}

TEST_CASE("clock watch: this machine's clocks agree", "[clock_watch]") {
  ClockWatch watch;
  CHECK(watch.look(clocks_now()).empty());
  CHECK(watch.look(clocks_now()).empty());
}
