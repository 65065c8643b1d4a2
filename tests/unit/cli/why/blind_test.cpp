#include "cli/why/blind.h"

#include "catch.h"
#include "cli/times.h"

using namespace stapkill;

namespace {

constexpr Time kHour = Time{3600} * 1'000'000'000;
using Why = BlindInterval::Why;

}  // namespace

TEST_CASE("why blind: a sentence for each interval", "[why_blind]") {
  auto texts = blind_texts({{kHour, 2 * kHour, Why::not_armed, 0}, {3 * kHour, 3 * kHour, Why::lost, 12}});
  CHECK(std::vector<std::string>(texts.begin(), texts.end()) ==
        std::vector<std::string>{
            "the recorder did not watch from " + date_and_time(kHour) + " to " + date_and_time(2 * kHour),
            "events lost at " + date_and_time(3 * kHour) + ": 12"});
  CHECK(blind_texts({}).empty());
}

TEST_CASE("why blind: every reason has a name, and a text unless it was watched", "[why_blind]") {
  for (int why = 0; why <= static_cast<int>(Why::dropped); ++why) {
    CHECK_FALSE(name_of(static_cast<Why>(why)).empty());
    auto texts = blind_texts({{kHour, 2 * kHour, static_cast<Why>(why), 7}});
    CHECK(texts.empty() == (static_cast<Why>(why) == Why::counted));
    for (const auto& text : texts) CHECK(text.english().find("{") == std::string::npos);
  }
}

TEST_CASE("why blind: the latest three, and how many came before", "[why_blind]") {
  std::vector<BlindInterval> many(5, {0, 0, Why::lost, 2});
  auto texts = blind_texts(many);
  REQUIRE(texts.size() == 4);
  CHECK(texts[0] == "2 earlier intervals were not seen either");
}

TEST_CASE("why blind: ends that were only counted were watched", "[why_blind]") {
  std::vector<BlindInterval> counted = {{0, kHour, Why::counted, 5}, {kHour, kHour, Why::counted, 2}};
  CHECK(blind_texts(counted).empty());
  CHECK(counted_ends(counted) == 7);
  CHECK(name_of(Why::counted) == "counted");
}
