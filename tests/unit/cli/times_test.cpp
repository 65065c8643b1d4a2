#include "cli/times.h"

#include "catch.h"

using namespace stapkill;

TEST_CASE("times: how long something took", "[times]") {
  constexpr Time second = 1'000'000'000;
  CHECK(span_text(3'000'000) == "3 ms");
  CHECK(span_text(-5) == "0 ms");
  CHECK(span_text(12 * second + 500'000'000) == "12.5 s");
  CHECK(span_text(739 * second) == "12 min 19 s");
  CHECK(span_text((3 * 3600 + 5 * 60) * second) == "3 h 5 min");
  CHECK(span_text(47 * 3600 * second) == "47 h 0 min");
  CHECK(span_text((2 * 86400 + 4 * 3600 + 59) * second) == "2 days 4 h");
}

TEST_CASE("times: the date only where it is another day", "[times]") {
  constexpr Time second = 1'000'000'000, noon = 1'700'049'600 * second;  // 12:00 in UTC
  CHECK(time_beside(noon + second, noon) == clock_time(noon + second));
  CHECK(time_beside(noon - 3 * 86400 * second, noon) == date_and_time(noon - 3 * 86400 * second));
}
