#include "sys/exclusive.h"

#include <sys/stat.h>

#include "catch.h"
#include "temporary.h"

using namespace stapkill;

TEST_CASE("exclusive: one holder, and others see that it is held", "[exclusive]") {
  Temporary folder;
  auto path = folder / "lock";
  auto locks = [] { return read_file("/proc/locks").value_or(""); };
  CHECK_FALSE(is_held(path, locks()));
  {
    auto lock = hold_alone(path, "taken");
    REQUIRE(lock.has_value());
    CHECK(is_held(path, locks()));
    auto second = hold_alone(path, "taken");
    REQUIRE_FALSE(second.has_value());
    CHECK(second.error().message == "taken");
  }
  CHECK_FALSE(is_held(path, locks()));
}

TEST_CASE("exclusive: only a whole lock of that file counts", "[exclusive]") {
  Temporary folder;
  auto path = folder.write("lock", "");
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  auto line = [&](const std::string& kind, const std::string& inode) {
    return "1: " + kind + " 812 08:01:" + inode + " 0 EOF\n";
  };
  auto own = std::to_string(info.st_ino);
  CHECK(is_held(path, line("FLOCK  ADVISORY  WRITE", own)));
  CHECK(is_held(path, "nonsense\n" + line("FLOCK  ADVISORY  WRITE", own)));
  CHECK_FALSE(is_held(path, line("POSIX  ADVISORY  WRITE", own)));
  CHECK_FALSE(is_held(path, line("FLOCK  ADVISORY  READ ", own)));
  CHECK_FALSE(is_held(path, line("FLOCK  ADVISORY  WRITE", own + "1")));
  CHECK_FALSE(is_held(path, line("FLOCK  ADVISORY  WRITE", "1" + own)));
  CHECK_FALSE(is_held(path, ""));
}
