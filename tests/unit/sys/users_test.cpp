#include "sys/users.h"

#include <algorithm>

#include "catch.h"
#include "sys/home.h"

using namespace stapkill;

TEST_CASE("A user is known by name and by number", "[users]") {
  CHECK(user_id("root") == 0);
  CHECK(user_id("4711") == 4711);
  CHECK(home_of(0) == "/root");
  CHECK(home_of(4294967294).empty());
  CHECK(user_id("4294967294") == 4294967294);
  CHECK(user_name(0) == "root");
  auto names = user_names();
  CHECK(std::count(names.begin(), names.end(), "root") == 1);
  CHECK(std::is_sorted(names.begin(), names.end()));
  for (const char* word : {"", "-1", "+1", "1x", "4294967295", "99999999999", "99999999999999999999", "no-such-user"}) {
    INFO(word);
    CHECK_FALSE(user_id(word));
  }
}
