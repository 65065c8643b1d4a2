#include "autopsy/records/state_times.h"

#include "autopsy/records/shown.h"
#include "catch.h"

using namespace stapkill;

namespace {

std::string stamped(std::string_view text) {
  auto time = systemd_time(text);
  return time ? shown::time(time->time) + " ±" + std::to_string(time->doubt / 1'000'000'000) : "none";
}

}  // namespace

TEST_CASE("state times: RFC 3339, as Go writes it", "[state_times]") {
  CHECK(rfc3339_time("2026-11-30T18:21:21.123456789Z") == 1796062881123456789);
  CHECK(rfc3339_time("2026-11-30T19:21:21+01:00") == 1796062881000000000);
  CHECK(rfc3339_time("2026-11-30T13:21:21.1-05:00") == 1796062881100000000);
  for (const char* text :
       {"0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "1970-01-01T00:00:00Z", "2026-11-30T18:21:21", "90s",
        "yesterday", "", "2026-11-30T18:21:21Zx", "2026-11-30T99:21:21Z", "-026-11-30T18:21:21Z"})
    CHECK_FALSE(rfc3339_time(text));
}

TEST_CASE("state times: RFC 1123 with a zone", "[state_times]") {
  CHECK(rfc1123z_time("Mon, 30 Nov 2026 18:21:21 +0000") == 1796062881000000000);
  CHECK(rfc1123z_time("Mon, 30 Nov 2026 19:21:21 +0100") == 1796062881000000000);
  for (const char* text : {"Mon, 01 Jan 0001 00:00:00 +0000", "", "Mon", "Mon, 30 Foo 2026 18:21:21 +0000",
                           "Mon, 30 nJa 2026 18:21:21 +0000", "Mon, 30 Nov 2026 18:21:21 UTC"})
    CHECK_FALSE(rfc1123z_time(text));
}

TEST_CASE("state times: systemd's stamps", "[state_times]") {
  CHECK(stamped("Mon 2026-11-30 18:21:21 UTC") == "2026-11-30T18:21:21 ±1");
  CHECK(stamped("Mon 2026-11-30 18:21:21.123456 UTC") == "2026-11-30T18:21:21 ±0");
  CHECK(stamped("Mon 2026-11-30 19:21:21 CET") == "2026-11-30T18:21:21 ±1");
  CHECK(stamped("Mon 2026-11-30 21:51:21 +0330") == "2026-11-30T18:21:21 ±1");
  CHECK(stamped("Mon 2026-11-30 15:21:21 -03") == "2026-11-30T18:21:21 ±1");
  CHECK(stamped("@1796062881") == "2026-11-30T18:21:21 ±1");
  // An abbreviation of several zones: half a day and more to each side.
  CHECK(stamped("Mon 2026-11-30 18:21:21 CST") == "2026-11-30T18:21:21 ±50400");
  for (const char* text : {"", "n/a", "@", "@x", "Mon", "Mon 2026-11-30", "Mon 9999-11-30 18:21:21 UTC"})
    CHECK(stamped(text) == "none");
}
