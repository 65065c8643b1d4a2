#pragma once

#include <filesystem>

#include "backend/stap/kept_files.h"
#include "base/result.h"
#include "sys/file.h"

namespace stapkill {

/// A working directory for one run of stap, with the files kept from earlier runs.
class ListingCache {
 public:
  /// A new one below `parent`, a private directory. Removes those that killed processes left.
  static Result<ListingCache> make(const std::filesystem::path& parent);

  const std::filesystem::path& path() const { return work_.path(); }
  /// stap's SYSTEMTAP_DIR, whose files are kept.
  std::filesystem::path systemtap_directory() const { return systemtap_directory_of(work_); }
  /// Keeps what the run has made for later runs.
  void keep() { kept_.keep(); }

 private:
  ListingCache(TemporaryDirectory work, FileLock lock, KeptFiles kept)
      : work_(std::move(work)), in_use_(std::move(lock)), kept_(std::move(kept)) {}
  static std::filesystem::path systemtap_directory_of(const TemporaryDirectory& work) { return work.path() / "stap"; }

  TemporaryDirectory work_;
  FileLock in_use_;  ///< of a file in it, as long as this process lives
  KeptFiles kept_;
};

}  // namespace stapkill
