#include "verdict/time_limit.h"

#include "catch.h"

using namespace stapkill;

namespace {

constexpr std::int64_t kMillisecond = 1'000'000;

/// Whether the time of one that was started at 10.00 s is over so many milliseconds later.
bool over(std::vector<std::string> argv, std::int64_t after, std::int64_t exec_boot = 0) {
  Process process;
  process.start = 1000;
  process.exec_boot = exec_boot;
  process.argv = std::move(argv);
  return time_limit_is_over(process, (10'000 + after) * kMillisecond);
}

}  // namespace

TEST_CASE("time limit: over when as much time has gone", "[time_limit]") {
  CHECK(over({"timeout", "600", "sleep", "601"}, 600'010));
  CHECK(over({"timeout", "600", "sleep", "601"}, 599'990));  // clocks are rounded
  CHECK_FALSE(over({"timeout", "600", "sleep", "601"}, 200));
  CHECK_FALSE(over({"timeout", "600", "sleep", "601"}, 599'000));
}

TEST_CASE("time limit: the forms of a duration", "[time_limit]") {
  const std::pair<const char*, std::int64_t> rows[] = {
      {"0.5", 500}, {".5s", 500}, {"1.5m", 90'000}, {"2h", 7'200'000}, {"1d", 86'400'000}};
  for (const auto& [word, milliseconds] : rows) {
    INFO(word);
    CHECK(over({"timeout", word, "x"}, milliseconds));
    CHECK_FALSE(over({"timeout", word, "x"}, milliseconds - 100));
  }
  for (const char* word : {"0", "inf", "nan", "-1", "x", "5w", "", "5 s"}) {
    INFO(word);
    CHECK_FALSE(over({"timeout", "--", word, "x"}, 1'000'000'000));
  }
}

TEST_CASE("time limit: options before the duration", "[time_limit]") {
  const std::vector<std::string> rows[] = {
      {"timeout", "-k", "1", "5", "x"},
      {"timeout", "-k1", "-s", "9", "5", "x"},
      {"timeout", "--kill-after", "1", "--signal=KILL", "5", "x"},
      {"timeout", "--foreground", "--preserve-status", "-v", "5", "x", "1"},
  };
  for (const auto& argv : rows) {
    CHECK(over(argv, 5'000));
    CHECK_FALSE(over(argv, 4'900));
  }
}

TEST_CASE("time limit: it runs from the exec, where that was seen", "[time_limit]") {
  CHECK_FALSE(over({"timeout", "5", "x"}, 6'000, 15'000 * kMillisecond));
  CHECK(over({"timeout", "5", "x"}, 10'000, 15'000 * kMillisecond));
}

TEST_CASE("time limit: what cannot be read is not over", "[time_limit]") {
  CHECK_FALSE(over({"timeout"}, 1'000'000));
  CHECK_FALSE(over({}, 1'000'000));
  CHECK_FALSE(time_limit_is_over(Process(), 1'000'000'000'000));
}
