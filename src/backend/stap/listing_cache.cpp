#include "backend/stap/listing_cache.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>

namespace stapkill {
namespace fs = std::filesystem;
namespace {

constexpr const char* kLasting = "listings";
constexpr const char* kWork = "listing";  // with a dot and six letters behind it
constexpr const char* kInUse = "in-use";
constexpr const char* kLock = "listings.lock";

/// Whether nobody has the lock of that working directory any more.
bool is_left(const fs::path& work) {
  int fd = ::open((work / kInUse).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  bool left = fd < 0 || ::flock(fd, LOCK_EX | LOCK_NB) == 0;
  if (fd >= 0) ::close(fd);
  return left;
}

void remove_left(const fs::path& parent) {
  std::error_code error;
  std::vector<fs::path> left;
  for (fs::directory_iterator at(parent, error), end; !error && at != end; at.increment(error)) {
    if (at->path().stem() == kWork && at->path().has_extension() && is_left(at->path())) left.push_back(at->path());
  }
  for (const auto& work : left) fs::remove_all(work, error);
}

/// The regular files below a directory, as paths from it.
std::vector<fs::path> files_below(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> found;
  for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (fs::is_regular_file(at->symlink_status(error))) found.push_back(at->path().lexically_relative(folder));
  }
  std::sort(found.begin(), found.end());
  return found;
}

/// stap puts a whole file over an old one and writes into none, so that two names of one file will do.
bool borrow(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::create_directories(to.parent_path(), error);
  fs::create_hard_link(from, to, error);
  return !error || fs::copy_file(from, to, error);
}

}  // namespace

ListingCache::ListingCache(fs::path lasting, TemporaryDirectory work, std::unique_ptr<FileLock> lock)
    : lasting_(std::move(lasting)), work_(std::move(work)), in_use_(std::move(lock)) {}

Result<ListingCache> ListingCache::make(const fs::path& parent) {
  auto lasting = parent / kLasting;
  if (auto made = make_private_directory(lasting); !made) return tl::unexpected(made.error());
  // So that nobody takes a directory for one that is left before its maker has the lock of it.
  FileLock alone(parent / kLock);
  remove_left(parent);
  auto work = TemporaryDirectory::make(parent, kWork);
  if (!work) return tl::unexpected(work.error());
  auto lock = std::make_unique<FileLock>(work->path() / kInUse);
  ListingCache cache(lasting, std::move(*work), std::move(lock));
  for (auto& file : files_below(lasting)) {
    if (borrow(lasting / file, cache.systemtap_directory() / file)) cache.borrowed_.push_back(std::move(file));
  }
  return cache;
}

void ListingCache::keep() {
  std::error_code error;
  FileLock alone(lasting_.parent_path() / kLock);
  auto files = files_below(systemtap_directory());
  for (const auto& file : files) {
    fs::create_directories((lasting_ / file).parent_path(), error);
    // Of two names of one file rename(2) leaves both.
    fs::rename(systemtap_directory() / file, lasting_ / file, error);
  }
  for (const auto& file : borrowed_) {
    if (!std::binary_search(files.begin(), files.end(), file)) fs::remove(lasting_ / file, error);
  }
}

}  // namespace stapkill
