#include "sys/privileges.h"

#include <linux/bpf.h>
#include <sched.h>
#include <sys/capability.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "catch.h"
#include "sys/fd.h"
#include "sys/unprivileged.h"

using namespace stapkill;

namespace {

/// Runs checks in a child that has given up its privileges; the number of the first that failed, 0: none did.
template <typename Checks>
int failed_in_child(const RecorderNeeds& needs, Checks checks) {
  pid_t child = ::fork();
  if (child == 0) {
    if (!keep_recorder_privileges(needs)) ::_exit(100);
    int number = 0;
    checks([&number](bool right) {
      ++number;
      if (!right) ::_exit(number);
    });
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  return WEXITSTATUS(status);
}

bool is_refused(long result) {
  return result == -1 && errno == EPERM;
}

bool has(cap_value_t capability) {
  cap_flag_value_t value = CAP_CLEAR;
  cap_t all = cap_get_proc();
  cap_get_flag(all, capability, CAP_EFFECTIVE, &value);
  cap_free(all);
  return value == CAP_SET;
}

}  // namespace

TEST_CASE("privileges: what a recorder never does is refused", "[privileges]") {
  CHECK(failed_in_child({}, [](auto check) {
          check(::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
          check(::prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == 2);
          check(is_refused(::mount("none", "/tmp", "tmpfs", 0, nullptr)));
          check(is_refused(::unshare(CLONE_NEWUSER)));
          check(is_refused(::syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, nullptr, nullptr, nullptr, nullptr)));
          check(is_refused(::syscall(SYS_init_module, nullptr, 0, "")));
          check(is_refused(::syscall(SYS_perf_event_open, nullptr, 0, -1, -1, 0)));
          check(is_refused(::syscall(SYS_process_vm_readv, ::getppid(), nullptr, 0, nullptr, 0, 0)));
        }) == 0);
}

TEST_CASE("privileges: programs can use open maps, and load nothing", "[privileges]") {
  CHECK(failed_in_child({}, [](auto check) {
          bpf_attr attributes{};
          attributes.map_fd = 0x7fffffff;
          constexpr int kRefused[] = {BPF_PROG_LOAD, BPF_MAP_CREATE, BPF_OBJ_GET, BPF_PROG_GET_FD_BY_ID, 100};
          for (int command : kRefused) check(is_refused(::syscall(SYS_bpf, command, &attributes, sizeof attributes)));
          check(is_refused(::syscall(SYS_bpf, (1LL << 32) | BPF_PROG_LOAD, &attributes, sizeof attributes)));
          ::syscall(SYS_bpf, BPF_MAP_UPDATE_ELEM, &attributes, sizeof attributes);
          check(::geteuid() != 0 || errno == EBADF);
        }) == 0);
}

TEST_CASE("privileges: sockets are Unix sockets, unless a hook may use the network", "[privileges]") {
  CHECK(failed_in_child({}, [](auto check) {
          check(is_refused(::socket(AF_INET, SOCK_STREAM, 0)));
          check(Fd(::socket(AF_UNIX, SOCK_DGRAM, 0)).get() >= 0);
        }) == 0);
  CHECK(failed_in_child({.network = true},
                        [](auto check) { check(Fd(::socket(AF_INET, SOCK_STREAM, 0)).get() >= 0); }) == 0);
}

TEST_CASE("privileges: only those to read other users' processes and to become nobody stay", "[privileges]") {
  if (::geteuid() != 0) return;
  bool could_read = has(CAP_SYS_PTRACE);
  CHECK(failed_in_child({}, [could_read](auto check) {
          check(has(CAP_SYS_PTRACE) == could_read);
          for (auto gone : {CAP_SYS_ADMIN, CAP_DAC_OVERRIDE, CAP_CHOWN, CAP_SYS_MODULE, CAP_NET_ADMIN, CAP_SYS_BOOT})
            check(!has(gone));
          check(is_refused(::setresuid(1000, 1000, 1000)));
          check(is_refused(::setuid(1000)));
          gid_t group = 0;
          check(is_refused(::syscall(SYS_setgroups, 1, &group)));
          check(give_up_privileges({std::uint64_t{1} << 46, 10, 0}));
          check(::geteuid() == kNobody);
        }) == 0);
}

TEST_CASE("privileges: a child gets none back", "[privileges]") {
  CHECK(failed_in_child({}, [](auto check) {
          int status = 0;
          pid_t child = ::fork();
          if (child == 0) {
            ::execl("/bin/sh", "sh", "-c",
                    "grep -q '^NoNewPrivs:.1' /proc/self/status && ! mount -t tmpfs none /tmp 2>/dev/null", nullptr);
            ::_exit(1);
          }
          check(::waitpid(child, &status, 0) == child && status == 0);
        }) == 0);
}
