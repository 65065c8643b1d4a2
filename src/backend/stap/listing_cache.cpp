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
constexpr const char* kWork = "listing";  // with a dot and six letters behind it
constexpr const char* kInUse = "in-use";
constexpr const char* kLock = "listings.lock";

/// Whether nobody has the lock of that working directory any more.
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

/// A new directory with a file in it whose lock this process has.
Result<std::pair<TemporaryDirectory, FileLock>> make_work(const fs::path& parent) {
  // So that nobody takes a directory for one that is left before its maker has the lock of it.
  auto alone = FileLock::take(parent / kLock);
  if (!alone) return tl::unexpected(alone.error());
  remove_left(parent);
  auto work = TemporaryDirectory::make(parent, kWork);
  if (!work) return tl::unexpected(work.error());
  auto lock = FileLock::take(work->path() / kInUse);
  if (!lock) return tl::unexpected(lock.error());
  return std::pair(std::move(*work), std::move(*lock));
}

}  // namespace

Result<ListingCache> ListingCache::make(const fs::path& parent) {
  if (auto made = make_private_directory(parent / kLasting); !made) return tl::unexpected(made.error());
  auto work = make_work(parent);
  if (!work) return tl::unexpected(work.error());
  auto kept = KeptFiles::lend(parent, kLasting, systemtap_directory_of(work->first));
  if (!kept) return tl::unexpected(kept.error());
  return ListingCache(std::move(work->first), std::move(work->second), std::move(*kept));
}

}  // namespace stapkill
