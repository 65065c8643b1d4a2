#include "backend/stap/listing_cache.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <vector>

#include "sys/fd.h"

namespace stapkill {
namespace fs = std::filesystem;
namespace {

constexpr const char* kLasting = "listings";
constexpr const char* kWork = "listing";  // followed by a dot and six letters
constexpr const char* kInUse = "in-use";
constexpr const char* kLock = "listings.lock";

/// Whether nobody holds the lock of that working directory any more.
bool is_left(const fs::path& work) {
  Fd file(::open((work / kInUse).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  return !file || ::flock(file.get(), LOCK_EX | LOCK_NB) == 0;
}

void remove_left(const fs::path& parent) {
  std::error_code error;
  std::vector<fs::path> left;
  for (fs::directory_iterator at(parent, error), end; !error && at != end; at.increment(error)) {
    if (at->path().stem() == kWork && at->path().has_extension() && is_left(at->path())) left.push_back(at->path());
  }
  for (const auto& work : left) fs::remove_all(work, error);
}

/// A new directory with a lock file that this process holds.
Result<std::pair<TemporaryDirectory, FileLock>> make_work(const fs::path& parent) {
  // Else another process could remove the directory as abandoned before this one holds its lock.
  TRY_ASSIGN(auto alone, FileLock::take(parent / kLock));
  remove_left(parent);
  TRY_ASSIGN(auto work, TemporaryDirectory::make(parent, kWork));
  TRY_ASSIGN(auto lock, FileLock::take(work.path() / kInUse));
  return std::pair(std::move(work), std::move(lock));
}

}  // namespace

Result<ListingCache> ListingCache::make(const fs::path& parent) {
  TRY(make_private_directory(parent / kLasting));
  TRY_ASSIGN(auto work, make_work(parent));
  TRY_ASSIGN(auto kept, KeptFiles::lend(parent, kLasting, systemtap_directory_of(work.first)));
  return ListingCache(std::move(work.first), std::move(work.second), std::move(kept));
}

}  // namespace stapkill
