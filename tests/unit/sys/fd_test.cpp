#include "sys/fd.h"

#include <fcntl.h>

#include <cerrno>

#include "catch.h"

using namespace stapkill;

namespace {

int opened() {
  int fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  REQUIRE(fd >= 0);
  return fd;
}

bool is_open(int fd) {
  return ::fcntl(fd, F_GETFD) >= 0;
}

}  // namespace

TEST_CASE("fd: it is closed once, by its last owner", "[fd]") {
  int number = opened();
  {
    Fd first(number);
    CHECK(first);
    Fd second(std::move(first));
    CHECK_FALSE(first);  // NOLINT(bugprone-use-after-move): it promises to be empty then
    first = std::move(second);
    CHECK(first.get() == number);
    CHECK(is_open(number));
  }
  CHECK_FALSE(is_open(number));
}

TEST_CASE("fd: what is assigned takes the place of what was there", "[fd]") {
  int one = opened(), two = opened();
  Fd fd(one);
  fd = Fd(two);
  CHECK_FALSE(is_open(one));
  CHECK(fd.get() == two);
}

TEST_CASE("fd: what is released stays open", "[fd]") {
  int number = opened();
  { CHECK(Fd(number).release() == number); }
  CHECK(is_open(number));
  Fd closing(number);
  errno = EPERM;
  closing.reset();
  CHECK(errno == EPERM);
  CHECK_FALSE(closing);
  CHECK_FALSE(is_open(number));
}
