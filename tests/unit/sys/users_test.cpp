#include "sys/users.h"

#include <algorithm>

#include "catch.h"
#include "sys/home.h"

using namespace stapkill;

TEST_CASE("A user is known by name and by number", "[users]") {
  auto users = Users::of_this_machine();
  CHECK(users.id("root") == 0);
  CHECK(users.id("4711") == 4711);
  CHECK(home_of(0) == "/root");
  CHECK(home_of(4294967294).empty());
  CHECK(users.id("4294967294") == 4294967294);
  CHECK(users.name(0) == "root");
  auto names = users.names();
  CHECK(std::count(names.begin(), names.end(), "root") == 1);
  CHECK(std::is_sorted(names.begin(), names.end()));
  for (const char* word : {"", "-1", "+1", "1x", "4294967295", "99999999999", "99999999999999999999", "no-such-user"}) {
    INFO(word);
    CHECK_FALSE(users.id(word));
  }
}

TEST_CASE("Of another machine only its own users are known, and no service is asked", "[users]") {
  Users users({{7, "alice"}, {0, "toor"}});
  CHECK(users.id("alice") == 7);
  CHECK(users.id("8") == 8);
  CHECK_FALSE(users.id("root"));
  CHECK(users.name(0) == "toor");
  CHECK_FALSE(users.name(8));
  CHECK(users.names() == std::vector<std::string>{"alice", "toor"});
}
