#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

namespace stapkill {

/// What a child is started with, as execve(2) takes it.
struct Image {
  std::string path;
  std::vector<const char*> argv, environment;  ///< each ends with null
};

/// Forks and executes. `in_child` runs between, async-signal-safe only; it returns an errno, or 0 to go on. The child's
/// signals are as exec leaves them, none is blocked, and of the descriptors it has the three streams alone. Returns the
/// pid, or an errno as a negative number where the program does not run.
pid_t spawn(const Image& image, const std::function<int()>& in_child);

/// A descriptor that is readable once the child has ended; -1 before Linux 5.3 (pidfd_open(2)) and where it is refused.
int descriptor_of(pid_t child);

}  // namespace stapkill
