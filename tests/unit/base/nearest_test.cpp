#include "base/nearest.h"

#include "catch.h"

using namespace stapkill;
using Words = std::vector<std::string>;

TEST_CASE("nearest: the fewest letters wrong, or the beginning", "[nearest]") {
  Words names = {"server-7d4-x8k2p", "server-7d4-aaaaa", "web", "wep", "database"};
  CHECK(nearest("wbe", names, 5) == Words{});  // two letters of three are not the same word
  CHECK(nearest("wev", names, 5) == Words{"web", "wep"});
  CHECK(nearest("WEB", names, 5) == Words{"web"});
  CHECK(nearest("server-7d4", names, 5) == Words{"server-7d4-x8k2p", "server-7d4-aaaaa"});
  CHECK(nearest("server-7d4", names, 1) == Words{"server-7d4-x8k2p"});
  CHECK(nearest("databsae", names, 5) == Words{"database"});
  CHECK(nearest("dtbse", names, 5) == Words{});
  CHECK(nearest("", names, 5) == Words{});
  CHECK(nearest("we", {"we", "we", "wex"}, 5) == Words{"we"});
  CHECK(nearest(std::string(100000, 'x'), {std::string(100000, 'y')}, 5) == Words{});
}

namespace {

Words of_many(std::string_view word, const Words& names, std::size_t most = 5) {
  NearestNames nearest(word, most);
  for (const auto& name : names) nearest.consider(name);
  return nearest.names();
}

}  // namespace

TEST_CASE("the distance of words is counted in letters") {
  CHECK(edit_distance("", "") == 0);
  CHECK(edit_distance("kitten", "sitting") == 3);
  CHECK(edit_distance("main", "mian") == 2);
  CHECK(edit_distance("", "abc") == 3);
}

TEST_CASE("the nearest names come first, equals by the alphabet") {
  CHECK(of_many("do_exi", {"do_fork", "do_exit", "do_exec"}) == Words{"do_exit", "do_exec"});
  CHECK(of_many("mian", {"main", "inl"}) == Words{"main"});
  CHECK(of_many("tcp_send", {"tcp_sendmsg", "udp_sendmsg"}) == Words{"tcp_sendmsg"});
  CHECK(of_many("VFS_READ", {"vfs_read", "vfs_write"}).front() == "vfs_read");
}

TEST_CASE("what is too far is none, and no more is kept than asked for") {
  CHECK(of_many("main", {"textdomain_x", "exit"}, 5) == Words{"textdomain_x"});  // holds the word
  CHECK(of_many("abc", {"xyz", "a"}).empty());
  CHECK(of_many("", {"a"}).empty());
  CHECK(of_many("read", {"readv", "reads", "reada"}, 2) == Words{"reada", "reads"});
  CHECK(of_many("read", {"readv", "readv"}) == Words{"readv"});
  CHECK(of_many(std::string(5000, 'a'), {std::string(5000, 'a')}).empty());
}
