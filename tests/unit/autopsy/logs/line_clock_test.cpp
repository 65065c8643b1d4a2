#include "autopsy/logs/line_clock.h"

#include "autopsy/logs/log_line.h"
#include "catch.h"
#include "entries.h"

using namespace stapkill;

namespace {

constexpr Time kSecond = 1'000'000'000, kHour = 3600 * kSecond;

Stamp stamp(const char* line) {
  return split_log_line(line).stamp;
}

}  // namespace

TEST_CASE("line_clock: the year goes back over New Year", "[autopsy][line_clock]") {
  TimeZone zone("UTC0");
  LineClock clock(zone, at("2026-01-02T00:00:00Z"), {});
  CHECK(clock.place(stamp("Dec 31 23:59:59 web1 a: b")).time == at("2025-12-31T23:59:59Z"));
  CHECK(clock.place(stamp("Jan  1 00:00:01 web1 a: b")).time == at("2026-01-01T00:00:01Z"));
  CHECK(clock.place(stamp("Feb 29 00:00:01 web1 a: b")).time == at("2024-02-29T00:00:01Z"));
}

TEST_CASE("line_clock: New Year is the zone's", "[autopsy][line_clock]") {
  TimeZone zone("Asia/Shanghai");
  LineClock clock(zone, at("2026-01-01T01:00:00Z"), {});
  CHECK(clock.place(stamp("12月 31 23:59:59 web1 a: b")).time == at("2025-12-31T15:59:59Z"));
  CHECK(clock.place(stamp("Jan  1 00:00:01 web1 a: b")).time == at("2025-12-31T16:00:01Z"));
  CHECK(clock.place(stamp("Jan  1 00:00:01 web1 a: b")).doubt == kSecond);
}

TEST_CASE("line_clock: clocks that are set leave an hour of doubt", "[autopsy][line_clock]") {
  TimeZone zone("Europe/Berlin");
  LineClock clock(zone, at("2026-11-30T00:00:00Z"), {});
  auto twice = clock.place(stamp("Oct 25 02:30:00 web1 a: b"));
  CHECK(twice.time == at("2026-10-25T01:30:00Z"));
  CHECK(twice.doubt == kHour + kSecond);
  auto once = clock.place(stamp("Oct 25 03:30:00 web1 a: b"));
  CHECK(once.time == at("2026-10-25T02:30:00Z"));
  CHECK(once.doubt == kSecond);
  auto never = clock.place(stamp("Mar 29 02:30:00 web1 a: b"));
  CHECK(never.time == at("2026-03-29T01:30:00Z"));
  CHECK(never.doubt == kHour + kSecond);
  CHECK(clock.place(stamp("2026-07-01 12:00:00 web1 a: b")).time == at("2026-07-01T10:00:00Z"));
}

TEST_CASE("line_clock: stamps from boot", "[autopsy][line_clock]") {
  TimeZone zone("UTC0");
  auto newest = at("2026-11-30T12:00:00Z");
  SECTION("no boot is known") {
    LineClock clock(zone, newest, {});
    CHECK(clock.place(stamp("[  100.000000] a")).time == 0);
  }
  SECTION("the boot that ran then") {
    LineClock clock(zone, newest, {{at("2026-11-29T00:00:00Z")}, {at("2026-11-30T00:00:00Z")}, {newest + kHour}});
    auto placed = clock.place(stamp("[  100.000000] a"));
    CHECK(placed.time == at("2026-11-30T00:01:40Z"));
    CHECK(placed.doubt >= kSecond);
    CHECK(clock.place(stamp("[    1.000000] a")).time == 0);  // another boot's
  }
  SECTION("a neighbour with both") {
    LineClock clock(zone, newest, {});
    clock.place(stamp("Nov 30 00:01:40 web1 kernel: [  100.000000] a"));
    CHECK(clock.place(stamp("[  160.000000] a")).time == at("2026-11-30T00:02:40Z"));
  }
}

TEST_CASE("zone: an unknown name is UTC, and TZ stays as it was", "[autopsy][line_clock]") {
  ::setenv("TZ", "Asia/Tokyo", 1);
  auto local = at("2026-11-30T12:00:00Z");
  CHECK(TimeZone("no/such/zone").time_of(local).time == local);
  CHECK(TimeZone("<+03>-3").time_of(local).time == local - 3 * kHour);
  CHECK(TimeZone("").time_of(local).time == local - 9 * kHour);
  CHECK(std::string(::getenv("TZ")) == "Asia/Tokyo");
  ::unsetenv("TZ");
  ::tzset();
}
