#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace stapkill {

/// A view of the file system in which one directory alone can be written: every other mount is read-only, in a mount
/// namespace of the process's own (mount_namespaces(7)). It keeps a compiler from changing what belongs to the
/// machine. Devices, sockets and pipes can still be written; mounts of network file systems, FUSE and automounters
/// stay as they are, for a server that hangs would hang the process too.
class ReadOnlyMounts {
 public:
  /// `writable` is the directory. Reads /proc/self/mountinfo (proc(5)); to be made before the fork.
  explicit ReadOnlyMounts(const std::filesystem::path& writable);

  /// Enters the view; for the time between fork and exec, async-signal-safe. False where the process may not make a
  /// mount namespace (it has no CAP_SYS_ADMIN): it then goes on as it was.
  bool enter() const noexcept;

 private:
  struct Mount {
    std::string place;
    unsigned long flags;
  };
  std::string writable_;
  std::vector<Mount> mounts_;
};

}  // namespace stapkill
