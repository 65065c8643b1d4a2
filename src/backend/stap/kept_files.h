#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"

namespace stapkill {

/// What stap keeps between its runs (queries of tracepoints and types, tests of the compiler), shared by runs that
/// each have a SYSTEMTAP_DIR of their own. stap keeps as an empty file what it takes for "does not compile", also for
/// each compiler that somebody has ended meanwhile: what a run made counts only after a clean end, and until then
/// nobody else sees it.
class KeptFiles {
 public:
  /// Fills `directory`, which a run will have as its SYSTEMTAP_DIR, with links to what is kept in `parent`/`name`.
  /// `parent` is a private directory.
  static Result<KeptFiles> lend(const std::filesystem::path& parent, const std::string& name,
                                std::filesystem::path directory);
  /// Hands what the run has made to those that come, and takes away what it has removed. Without it nothing is kept.
  void keep();

 private:
  KeptFiles(std::filesystem::path lasting, std::filesystem::path directory)
      : lasting_(std::move(lasting)), directory_(std::move(directory)) {}

  std::filesystem::path lasting_, directory_;
  std::vector<std::filesystem::path> lent_;  ///< what former runs had kept, from lasting_
};

}  // namespace stapkill
