#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace stapkill {

/// A file system as it is seen below a directory: "" is the machine's own, else a captured tree. Absolute symbolic
/// links and ".." stay inside, as after chroot(2). Nothing in a tree is run or opened for writing; what is not a
/// regular file or a directory is never opened.
class Tree {
 public:
  explicit Tree(std::string root) : root_(std::move(root)) {}

  bool own() const { return root_.empty(); }
  /// Where a path of the tree really is, as a path of the tree; 0 or the errno that says why not (ELOOP after 40
  /// links).
  int resolve(std::string_view path, std::string& resolved) const;
  /// The same place as a path of this machine.
  std::string outside(std::string_view resolved) const { return root_ + std::string(resolved); }

 private:
  std::string root_;
};

}  // namespace stapkill
