#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace stapkill {

/// A file system below a directory: "" is the machine's own, else a captured tree. Absolute symbolic links and ".."
/// stay inside, as after chroot(2). Nothing in a tree is run or opened for writing; only regular files and directories
/// are opened.
class Tree {
 public:
  explicit Tree(std::string root) : root_(std::move(root)) {}

  bool own() const { return root_.empty(); }
  /// Resolves a path of the tree to one without links; returns 0 or an errno (ELOOP after 40 links).
  int resolve(std::string_view path, std::string& resolved) const;
  /// A resolved path as a path of this machine.
  std::string outside(std::string_view resolved) const { return root_ + std::string(resolved); }

 private:
  std::string root_;
};

}  // namespace stapkill
