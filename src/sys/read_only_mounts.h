#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace stapkill {

/// A view of the file system in which only one directory can be written: every other mount is read-only, in the
/// process's own mount namespace (mount_namespaces(7)). It keeps a compiler from changing the machine. Devices, sockets
/// and pipes can still be written; network file systems, FUSE and automounters stay as they are, because a server that
/// hangs would hang the process too.
class ReadOnlyMounts {
 public:
  /// `writable` is the directory. Reads /proc/self/mountinfo (proc(5)): construct it before the fork.
  explicit ReadOnlyMounts(const std::filesystem::path& writable);

  /// Shows `directory` at `place`, which must be a directory; does nothing where that is not possible.
  void cover(const std::filesystem::path& place, const std::filesystem::path& directory);

  /// Enters the view; call it between fork and exec; async-signal-safe. False, and nothing has changed, where the
  /// process may not make a mount namespace (no CAP_SYS_ADMIN).
  bool enter() const noexcept;

 private:
  struct Mount {
    std::string place;
    unsigned long flags;
  };
  struct Cover {
    std::string place, directory;
  };
  std::string writable_;
  std::vector<Mount> mounts_;
  std::vector<Cover> covers_;
};

}  // namespace stapkill
