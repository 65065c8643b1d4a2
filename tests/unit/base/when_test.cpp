#include "base/when.h"

#include <cstdlib>
#include <ctime>

#include "catch.h"

using namespace stapkill;

namespace {

constexpr Time kSecond = 1'000'000'000;
constexpr Time kNow = 1'700'000'000 * kSecond;  // 2023-11-14T22:13:20Z

/// A time zone for the rest of a test.
struct Zone {
  explicit Zone(const char* name) {
    ::setenv("TZ", name, 1);
    ::tzset();
  }
  ~Zone() {
    ::unsetenv("TZ");
    ::tzset();
  }
};

}  // namespace

TEST_CASE("when: RFC 3339", "[when]") {
  CHECK(parse_when("2023-11-14T22:13:20Z", 0) == kNow);
  CHECK(parse_when("2023-11-14T23:13:20+01:00", 0) == kNow);
  CHECK(parse_when("2023-11-14T17:13:20-05:00", 0) == kNow);
  CHECK(parse_when("2023-11-14T22:13:20.25Z", 0) == kNow + kSecond / 4);
}

TEST_CASE("when: local times and days", "[when]") {
  Zone zone("UTC-1");  // an hour east
  CHECK(parse_when("2023-11-14 23:13:20", 0) == kNow);
  CHECK(parse_when("2023-11-14", 0) == kNow - (23 * 3600 + 13 * 60 + 20) * kSecond);
  CHECK(parse_when("today", kNow) == kNow - (23 * 3600 + 13 * 60 + 20) * kSecond);
  CHECK(parse_when("yesterday 23:13", kNow) == kNow - (86400 + 20) * kSecond);
  CHECK(parse_when("23:13", kNow) == kNow - 20 * kSecond);
  CHECK(parse_when("23:14", kNow) == kNow + 40 * kSecond - Time{86400} * kSecond);
}

TEST_CASE("when: so long ago", "[when]") {
  CHECK(parse_when("90s", kNow) == kNow - 90 * kSecond);
  CHECK(parse_when("15m", kNow) == kNow - 900 * kSecond);
  CHECK(parse_when("2h", kNow) == kNow - 7200 * kSecond);
  CHECK(parse_when("3d", kNow) == kNow - Time{3} * 86400 * kSecond);
}

TEST_CASE("when: years that nanoseconds cannot reach", "[when]") {
  CHECK(parse_when("2261-12-31T23:59:59Z", 0).has_value());
  for (const char* text :
       {"2262-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "0000-01-01T00:00:00Z", "2026-00-10T00:00:00Z"})
    CHECK_FALSE(parse_when(text, 0).has_value());
}

TEST_CASE("when: other texts are none", "[when]") {
  for (const char* text : {"", "x", "2", "-2h", "2 h", "2023", "2023-13-01", "2023-11-32", "25:00", "10:60", "tomorrow",
                           "yesterday10:00", "2023-11-14T22:13:20X", "2023-11-14T22:13:20Zz", "99999999d"})
    CHECK_FALSE(parse_when(text, kNow));
}
