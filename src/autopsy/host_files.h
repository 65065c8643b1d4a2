#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/tree.h"
#include "sys/fd.h"

namespace stapkill {

/// Files of this machine or of a captured tree, read only. Symbolic links of a captured tree stay in it. Only regular
/// files are opened, without waiting, and without changing their access time where that is permitted.
class HostFiles {
 public:
  /// "": this machine.
  explicit HostFiles(std::string root = "") : tree_(std::move(root)) {}

  bool live() const { return tree_.own(); }

  /// A file, or the errno in `error`.
  Fd open(std::string_view path, int& error) const;
  /// Its bytes, at most the first `limit`; none with the errno in `error`.
  std::optional<std::string> read(std::string_view path, std::size_t limit, int& error) const;
  /// The names in a directory, sorted, at most `most`; none with the errno in `error`.
  std::vector<std::string> list(std::string_view path, int& error, std::size_t most = 10'000) const;
  /// The path of a file or directory on this machine; "" where there is none.
  std::string outside(std::string_view path) const;

 private:
  Tree tree_;
};

}  // namespace stapkill
