#include "engine/pattern_error.h"

#include <re2/re2.h>

#include "catch.h"

using namespace stapkill;

namespace {

std::string error_of(const std::string& word) {
  re2::RE2::Options settings;
  settings.set_log_errors(false);
  settings.set_encoding(re2::RE2::Options::EncodingLatin1);
  re2::RE2 pattern(word, settings);
  REQUIRE_FALSE(pattern.ok());
  return pattern_error("name", word, pattern);
}

}  // namespace

TEST_CASE("pattern_error: the place is where the trouble begins, in characters", "[targets]") {
  const std::pair<const char*, int> rows[] = {{"ab[c", 3},
                                              {"[b-a]x[b-a]", 2},
                                              {"b-a[b-a]", 5},
                                              {"a**b**", 2},
                                              {"a)b(c", 2},
                                              {"ab)", 3},
                                              {"(a)(b", 4},
                                              {"x\\", 2},
                                              {"[\xc3\xa9", 1},
                                              {"\xc3\xa9[c", 2},
                                              {"\xc3\xa9\xc3\xa9(?x)", 3}};
  for (const auto& [word, place] : rows) {
    auto text = error_of(word);
    INFO(text);
    CHECK(text.ends_with("(character " + std::to_string(place) + ")"));
  }
  CHECK(error_of("[b-a]x") ==
        "--name '[b-a]x' is not a regular expression: invalid character class range at 'b-a' (character 2)");
}

TEST_CASE("pattern_error: a long pattern is cut, and bytes are made safe", "[targets]") {
  CHECK(error_of(std::string(5000, '(')).size() < 300);
  CHECK(error_of("\x1b[").find('\x1b') == std::string::npos);
}
