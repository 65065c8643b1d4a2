#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"

namespace stapkill {

/// What stap caches between its runs (queries of tracepoints and types, tests of the compiler), shared by runs that
/// each have a SYSTEMTAP_DIR of their own. stap caches "does not compile" as an empty file, also when the compiler was
/// killed. So the files of a run are shared only after a clean end.
class KeptFiles {
 public:
  /// Fills `directory`, the SYSTEMTAP_DIR of the coming run, with links to the files kept in `parent`/`name`. `parent`
  /// is a private directory.
  static Result<KeptFiles> lend(const std::filesystem::path& parent, const std::string& name,
                                std::filesystem::path directory);
  /// Keeps what the run has made for later runs, and removes what the run has removed. Without this call nothing is
  /// kept.
  void keep();

 private:
  KeptFiles(std::filesystem::path lasting, std::filesystem::path directory)
      : lasting_(std::move(lasting)), directory_(std::move(directory)) {}

  std::filesystem::path lasting_, directory_;
  std::vector<std::filesystem::path> lent_;  ///< files of earlier runs, relative to lasting_
};

}  // namespace stapkill
