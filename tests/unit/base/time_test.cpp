#include "base/time.h"

#include <cstdlib>
#include <ctime>

#include "catch.h"

using namespace stapkill;

namespace {

std::string rfc3339(Time time) {
  std::string out;
  append_rfc3339(out, time);
  return out;
}

constexpr Time kSecond = 1'000'000'000;

}  // namespace

TEST_CASE("append_rfc3339: UTC with nanoseconds", "[time]") {
  CHECK(rfc3339(0) == "1970-01-01T00:00:00.000000000Z");
  CHECK(rfc3339(1) == "1970-01-01T00:00:00.000000001Z");
  CHECK(rfc3339(1795202550 * kSecond + 123456789) == "2026-11-20T19:22:30.123456789Z");
  CHECK(rfc3339(951782400 * kSecond) == "2000-02-29T00:00:00.000000000Z");
  CHECK(rfc3339(kSecond - 1) == "1970-01-01T00:00:00.999999999Z");
}

TEST_CASE("append_rfc3339: before 1970 too", "[time]") {
  CHECK(rfc3339(-1) == "1969-12-31T23:59:59.999999999Z");
  CHECK(rfc3339(-kSecond) == "1969-12-31T23:59:59.000000000Z");
  CHECK(rfc3339(-2 * kSecond + 1) == "1969-12-31T23:59:58.000000001Z");
}

TEST_CASE("append_rfc3339: one second after another and back", "[time]") {
  // The text of a second is kept between calls: it must not outlive its second.
  CHECK(rfc3339(10 * kSecond) == "1970-01-01T00:00:10.000000000Z");
  CHECK(rfc3339(10 * kSecond + 5) == "1970-01-01T00:00:10.000000005Z");
  CHECK(rfc3339(11 * kSecond) == "1970-01-01T00:00:11.000000000Z");
  CHECK(rfc3339(10 * kSecond) == "1970-01-01T00:00:10.000000000Z");
}

TEST_CASE("append_rfc3339 appends", "[time]") {
  std::string out = "t=";
  append_rfc3339(out, 0);
  CHECK(out == "t=1970-01-01T00:00:00.000000000Z");
}

TEST_CASE("clock_time: local time with milliseconds", "[time]") {
  const char* old = std::getenv("TZ");
  std::string kept = old ? old : "";
  ::setenv("TZ", "XYZ-2", 1);
  ::tzset();
  CHECK(clock_time(1795202550 * kSecond + 123999999) == "21:22:30.123");
  CHECK(clock_time(0) == "02:00:00.000");
  old ? ::setenv("TZ", kept.c_str(), 1) : ::unsetenv("TZ");
  ::tzset();
}

TEST_CASE("time_of_start: ticks after the boot", "[time]") {
  const Time booted = 1000 * kSecond;
  CHECK(time_of_start(0, booted) == 1000 * kSecond);
  CHECK(time_of_start(1, booted) == 1000 * kSecond + 10'000'000);
  CHECK(time_of_start(12345, booted) == 1123 * kSecond + 450'000'000);
}

TEST_CASE("time_of_start: knows no more than the tick", "[time]") {
  // The measured boot time varies by some ns from one run to the next: the start of a process must not.
  CHECK(time_of_start(7, 1000 * kSecond + 5) == 1000 * kSecond + 70'000'000);
}

TEST_CASE("time_of_start: a start that cannot be is no overflow", "[time]") {
  // A damaged record can hold any number.
  for (std::uint64_t ticks : {std::uint64_t{99'999'999'999'999}, std::uint64_t{INT64_MAX}, UINT64_MAX}) {
    CHECK(rfc3339(time_of_start(ticks, 1795202550 * kSecond)).size() == 30);
  }
}
