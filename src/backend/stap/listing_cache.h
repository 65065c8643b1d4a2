#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "sys/file.h"
#include "sys/result.h"

namespace stapkill {

/// A directory in which one run of stap works, with what former runs have kept. stap keeps as an empty file what it
/// takes for "does not compile", also for each compiler that somebody has ended meanwhile: what it made counts only
/// after a clean end, and until then nobody else sees it.
class ListingCache {
 public:
  /// A new one below `parent`, a private directory. Removes those that processes which were killed have left.
  static Result<ListingCache> make(const std::filesystem::path& parent);

  const std::filesystem::path& path() const { return work_.path(); }
  /// What is kept of it: stap's SYSTEMTAP_DIR.
  std::filesystem::path systemtap_directory() const { return work_.path() / "stap"; }
  /// Hands what the run has made to those that come, and takes away what it has removed. Without it nothing is kept.
  void keep();

 private:
  ListingCache(std::filesystem::path lasting, TemporaryDirectory work, std::unique_ptr<FileLock> lock);

  std::filesystem::path lasting_;
  TemporaryDirectory work_;
  std::unique_ptr<FileLock> in_use_;             ///< of a file in it, as long as this process lives
  std::vector<std::filesystem::path> borrowed_;  ///< what former runs had kept, from lasting_
};

}  // namespace stapkill
