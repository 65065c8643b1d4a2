#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

namespace stapkill {

/// Arguments of execve(2).
struct Image {
  std::string path;
  std::vector<const char*> argv, environment;  ///< each ends with null
};

/// Forks and executes. `in_child` runs in between, async-signal-safe only; it returns an errno, or 0 to go on. The
/// child blocks no signal, has no handlers, and inherits only the three streams. Returns the pid, or a negative errno
/// where the program does not run.
pid_t spawn(const Image& image, const std::function<int()>& in_child);

/// A descriptor that is readable once the child has ended; -1 before Linux 5.3 (pidfd_open(2)) and where it is not
/// allowed.
int descriptor_of(pid_t child);

}  // namespace stapkill
