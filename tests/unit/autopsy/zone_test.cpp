#include "autopsy/zone.h"

#include <filesystem>

#include "catch.h"
#include "temporary.h"

using namespace stapkill;

namespace {

constexpr Time kSecond = 1'000'000'000;

Time seconds(const TimeZone& zone, const CivilTime& local) {
  return zone.time_of(local).time / kSecond;
}

std::string big(std::uint64_t value, int size) {
  std::string bytes;
  for (int i = size - 1; i >= 0; --i) bytes += static_cast<char>(value >> 8 * i);
  return bytes;
}

/// RFC 8536: one change from +1:00 to +2:00 at `since`, then the footer.
std::string made_file(char version, std::uint64_t since, std::string_view footer) {
  auto block = [&](int width) {
    std::string bytes = "TZif";
    bytes += version;
    bytes += std::string(15, '\0');
    for (auto count : {0, 0, 0, 1, 2, 8}) bytes += big(static_cast<std::uint64_t>(count), 4);
    bytes += big(since, width) + '\1' + big(3600, 4) + std::string("\0\0", 2) + big(7200, 4) + std::string("\1\4", 2);
    return bytes + std::string("CET\0CES\0", 8);
  };
  return version == '\0' ? block(4) : block(4) + block(8) + "\n" + std::string(footer) + "\n";
}

}  // namespace

TEST_CASE("a rule in the form of TZ", "[autopsy][zone]") {
  TimeZone berlin("CET-1CEST,M3.5.0,M10.5.0/3");
  CHECK(berlin.known());
  CHECK(seconds(berlin, {2026, 1, 15, 12, 0, 0}) == 1'768'474'800);
  CHECK(seconds(berlin, {2026, 7, 15, 12, 0, 0}) == 1'784'109'600);
  // 2026-10-25 02:30 comes twice, 2026-03-29 02:30 never.
  auto twice = berlin.time_of({2026, 10, 25, 2, 30, 0});
  CHECK(twice.time / kSecond == 1'792'891'800);
  CHECK(twice.doubt == 3600 * kSecond);
  CHECK(berlin.time_of({2026, 3, 29, 1, 59, 59}).doubt == 0);
  auto never = berlin.time_of({2026, 3, 29, 2, 30, 0}).time / kSecond;
  CHECK((never == 1'774'747'800 || never == 1'774'744'200));
  // South of the equator; hours and minutes; a quoted name.
  TimeZone south("NZST-12NZDT,M9.5.0,M4.1.0/3");
  CHECK(seconds(south, {2026, 1, 15, 12, 0, 0}) == 1'768'431'600);
  CHECK(seconds(south, {2026, 7, 15, 12, 0, 0}) == 1'784'073'600);
  CHECK(seconds(TimeZone("<+0545>-5:45"), {1970, 1, 1, 5, 45, 0}) == 0);
  CHECK(seconds(TimeZone("XST0XDT,J60,J300"), {2024, 3, 1, 12, 0, 0}) == 1'709'290'800);
}

TEST_CASE("a year that a Time cannot hold is the farthest that it can", "[autopsy][zone]") {
  CHECK(seconds(TimeZone("UTC0"), {9999, 12, 31, 23, 59, 59}) == 9'000'000'000);
}

TEST_CASE("a tzfile by its path", "[autopsy][zone]") {
  Temporary directory;
  auto path = directory.write("localtime", made_file('2', 1'000'000, "CET-1")).string();
  TimeZone zone(path);
  CHECK(zone.known());
  CHECK(seconds(zone, {1970, 1, 5, 1, 0, 0}) == 345'600);
  CHECK(seconds(zone, {2026, 7, 15, 12, 0, 0}) == 1'784'113'200);  // the footer goes on from there
  TimeZone old(directory.write("old", made_file('\0', 1'000'000, "")).string());
  CHECK(seconds(old, {2026, 7, 15, 12, 0, 0}) == 1'784'109'600);
  CHECK(seconds(TimeZone(":" + path), {1970, 1, 5, 1, 0, 0}) == 345'600);
}

TEST_CASE("the system's own files", "[autopsy][zone]") {
  if (!std::filesystem::exists("/usr/share/zoneinfo/Europe/Berlin")) return;
  TimeZone berlin("Europe/Berlin"), rule("CET-1CEST,M3.5.0,M10.5.0/3");
  for (int month = 1; month <= 12; ++month)
    for (int year : {2005, 2026, 2045})
      CHECK(seconds(berlin, {year, month, 20, 12, 0, 0}) == seconds(rule, {year, month, 20, 12, 0, 0}));
  CHECK(seconds(berlin, {1985, 7, 1, 2, 0, 0}) == 489'024'000);
}

TEST_CASE("a zone that cannot be read is UTC, and says so", "[autopsy][zone]") {
  Temporary directory;
  auto whole = made_file('2', 1'000'000, "CET-1");
  for (std::size_t size = 0; size + 8 < whole.size(); ++size) {
    TimeZone cut(directory.write("cut", std::string_view(whole).substr(0, size)).string());
    REQUIRE(seconds(cut, {1970, 1, 1, 0, 0, 0}) <= 0);
  }
  for (std::string name : {"/none", "No/Where", "../../etc/localtime", "CET", "C-1", "CET-999",
                           "CET-1CEST,M13.1.0,M1.1.0", "CET-1CEST,M3.5.0", "<CET-1"}) {
    TimeZone zone(name);
    CHECK((name == "CET" || !zone.known()));
  }
}
