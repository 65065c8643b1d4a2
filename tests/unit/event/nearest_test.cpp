#include "event/nearest.h"

#include "catch.h"

using namespace stapkill;
using Words = std::vector<std::string>;

namespace {

Words nearest(std::string_view word, const Words& names, std::size_t most = 5) {
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
  CHECK(nearest("do_exi", {"do_fork", "do_exit", "do_exec"}) == Words{"do_exit", "do_exec"});
  CHECK(nearest("mian", {"main", "inl"}) == Words{"main"});
  CHECK(nearest("tcp_send", {"tcp_sendmsg", "udp_sendmsg"}) == Words{"tcp_sendmsg"});
  CHECK(nearest("VFS_READ", {"vfs_read", "vfs_write"}).front() == "vfs_read");
}

TEST_CASE("what is too far is none, and no more is kept than asked for") {
  CHECK(nearest("main", {"textdomain_x", "exit"}, 5) == Words{"textdomain_x"});  // holds the word
  CHECK(nearest("abc", {"xyz", "a"}).empty());
  CHECK(nearest("", {"a"}).empty());
  CHECK(nearest("read", {"readv", "reads", "reada"}, 2) == Words{"reada", "reads"});
  CHECK(nearest("read", {"readv", "readv"}) == Words{"readv"});
  CHECK(nearest(std::string(5000, 'a'), {std::string(5000, 'a')}).empty());
}
