#include "sys/nearest.h"

#include "catch.h"

using namespace stapkill;
using Names = std::vector<std::string>;

TEST_CASE("nearest: the fewest letters wrong, or the beginning", "[nearest]") {
  Names names = {"server-7d4-x8k2p", "server-7d4-aaaaa", "web", "wep", "database"};
  CHECK(nearest("wbe", names, 5) == Names{});  // two letters of three are not the same word
  CHECK(nearest("wev", names, 5) == Names{"web", "wep"});
  CHECK(nearest("WEB", names, 5) == Names{"web"});
  CHECK(nearest("server-7d4", names, 5) == Names{"server-7d4-x8k2p", "server-7d4-aaaaa"});
  CHECK(nearest("server-7d4", names, 1) == Names{"server-7d4-x8k2p"});
  CHECK(nearest("databsae", names, 5) == Names{"database"});
  CHECK(nearest("dtbse", names, 5) == Names{});
  CHECK(nearest("", names, 5) == Names{});
  CHECK(nearest("we", {"we", "we", "wex"}, 5) == Names{"we"});
  CHECK(nearest(std::string(100000, 'x'), {std::string(100000, 'y')}, 5) == Names{});
}
