#include "sys/spawn.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <string_view>

namespace stapkill {
namespace {

constexpr int kFirst = STDERR_FILENO + 1;
constexpr unsigned kCloseOnExec = 1U << 2;  // CLOSE_RANGE_CLOEXEC, Linux 5.11

void close_on_exec(int fd) {
  int flags = ::fcntl(fd, F_GETFD);
  if (flags >= 0) ::fcntl(fd, F_SETFD, flags | FD_CLOEXEC);
}

/// A directory's entry as getdents64(2) writes it.
struct Entry {
  ino64_t inode;
  off64_t next;
  unsigned short size;
  unsigned char type;
  char name[];
};

/// Marks all that /proc/self/fd lists. Not with readdir(3): it allocates, which the child of a process with threads
/// must not do.
bool mark_listed() {
  int folder = ::open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return false;
  alignas(Entry) char buffer[4096];
  for (;;) {
    long got = ::syscall(SYS_getdents64, folder, buffer, sizeof buffer);
    if (got <= 0) break;
    for (long at = 0; at < got;) {
      const auto* entry = reinterpret_cast<const Entry*>(buffer + at);
      int fd = 0;
      for (const char* digit = entry->name; *digit >= '0' && *digit <= '9'; ++digit) fd = fd * 10 + (*digit - '0');
      if (fd >= kFirst) close_on_exec(fd);  // "." and ".." are 0
      at += entry->size;
    }
  }
  ::close(folder);
  return true;
}

/// Libraries leave descriptors without the mark, and a pipe that another child holds open never ends.
void mark_descriptors() {
#ifdef SYS_close_range
  if (::syscall(SYS_close_range, kFirst, UINT_MAX, kCloseOnExec) == 0) return;
#endif
  if (mark_listed()) return;
  rlimit limit{};
  constexpr rlim_t most = 65536;
  rlim_t end = ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? std::min(limit.rlim_cur, most) : most;
  for (rlim_t fd = kFirst; fd < end; ++fd) close_on_exec(static_cast<int>(fd));
}

/// A handler would run in the child and write into what it shares with stapkill.
void reset_handlers() {
  for (int number = 1; number < NSIG; ++number) {
    struct sigaction action {};
    if (::sigaction(number, nullptr, &action) != 0 || action.sa_handler == SIG_IGN || action.sa_handler == SIG_DFL)
      continue;
    action = {};
    action.sa_handler = SIG_DFL;
    ::sigaction(number, &action, nullptr);
  }
}

[[noreturn]] void run_child_side(const Image& image, const std::function<int()>& in_child, int report) {
  reset_handlers();
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  int error = in_child();
  if (!error) {
    mark_descriptors();
    ::execve(image.path.c_str(), const_cast<char* const*>(image.argv.data()),
             const_cast<char* const*>(image.environment.data()));
    error = errno;
  }
  ssize_t written = ::write(report, &error, sizeof error);
  ::_exit(written == sizeof error ? 127 : 126);
}

/// The errno that the child reports; 0 when its exec closed the pipe.
int error_of(int report) {
  int error = 0;
  ssize_t got = 0;
  do {
    got = ::read(report, &error, sizeof error);
  } while (got < 0 && errno == EINTR);
  return got == sizeof error ? error : 0;
}

}  // namespace

pid_t spawn(const Image& image, const std::function<int()>& in_child) {
  int report[2];
  if (::pipe2(report, O_CLOEXEC) != 0) return -errno;
  sigset_t all, old;
  sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &old);
  pid_t pid = ::fork();
  if (pid == 0) run_child_side(image, in_child, report[1]);
  int error = pid < 0 ? errno : 0;
  ::pthread_sigmask(SIG_SETMASK, &old, nullptr);
  ::close(report[1]);
  if (!error) error = error_of(report[0]);
  ::close(report[0]);
  if (!error) return pid;
  if (pid > 0) {
    while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  return -error;
}

int descriptor_of(pid_t child) {
#ifdef SYS_pidfd_open
  return static_cast<int>(::syscall(SYS_pidfd_open, child, 0));
#else
  (void)child;
  return -1;
#endif
}

}  // namespace stapkill
