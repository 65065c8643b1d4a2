#include "sys/unprivileged.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "catch.h"

using namespace stapkill;

namespace {

constexpr std::uint64_t kMuch = std::uint64_t{1} << 46;  // AddressSanitizer reserves 20 TiB

/// The exit status of a child that gives up its privileges and then runs `work`.
template <typename Work>
int status_after(Work work) {
  pid_t child = ::fork();
  if (child == 0) ::_exit(give_up_privileges({kMuch, 5, 0}) ? work() : 99);
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

TEST_CASE("unprivileged: root becomes nobody, and stays so", "[unprivileged]") {
  if (::geteuid() != 0) return;
  CHECK(status_after([] { return ::getuid() == 65534 && ::getegid() == 65534 ? 0 : 1; }) == 0);
  CHECK(status_after([] { return ::setuid(0) != 0 ? 0 : 1; }) == 0);
  CHECK(status_after([] { return ::open("/etc/shadow", O_RDONLY | O_CLOEXEC) < 0 ? 0 : 1; }) == 0);
}

TEST_CASE("unprivileged: it writes no file", "[unprivileged]") {
  CHECK(status_after([] {
          int file = ::memfd_create("x", 0);
          ::signal(SIGXFSZ, SIG_IGN);
          return ::write(file, "x", 1) < 0 ? 0 : 1;
        }) == 0);
}
