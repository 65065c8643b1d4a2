#include "backend/stap/kept_files.h"

#include <algorithm>

#include "sys/file.h"

namespace stapkill {
namespace fs = std::filesystem;
namespace {

fs::path lock_of(const fs::path& lasting) {
  return lasting.string() + ".lock";
}

/// The regular files below a directory, as paths relative to it.
std::vector<fs::path> files_below(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> found;
  for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (fs::is_regular_file(at->symlink_status(error))) found.push_back(at->path().lexically_relative(folder));
  }
  std::sort(found.begin(), found.end());
  return found;
}

/// A hard link will do: stap replaces whole files and never writes into one.
bool link_or_copy(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::create_directories(to.parent_path(), error);
  fs::create_hard_link(from, to, error);
  return !error || fs::copy_file(from, to, error);
}

}  // namespace

Result<KeptFiles> KeptFiles::lend(const fs::path& parent, const std::string& name, fs::path directory) {
  KeptFiles files(parent / name, std::move(directory));
  TRY(make_private_directory(files.lasting_));
  TRY_ASSIGN(auto alone, FileLock::take(lock_of(files.lasting_)));
  for (auto& file : files_below(files.lasting_)) {
    if (link_or_copy(files.lasting_ / file, files.directory_ / file)) files.lent_.push_back(std::move(file));
  }
  return files;
}

void KeptFiles::keep() {
  std::error_code error;
  auto alone = FileLock::take(lock_of(lasting_));
  if (!alone) return;
  auto files = files_below(directory_);
  for (const auto& file : files) {
    fs::create_directories((lasting_ / file).parent_path(), error);
    // If both names are one file, rename(2) leaves both.
    fs::rename(directory_ / file, lasting_ / file, error);
  }
  for (const auto& file : lent_) {
    if (!std::binary_search(files.begin(), files.end(), file)) fs::remove(lasting_ / file, error);
  }
}

}  // namespace stapkill
