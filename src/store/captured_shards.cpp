#include "store/captured_shards.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

namespace stapkill {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLog = "-wal";  // sqlite.org/wal.html

tl::unexpected<Error> cannot_copy(const fs::path& from) {
  return fail(phrase("cannot copy {}: {}", from.string(), std::strerror(errno)), "", "store.copy");
}

Result<void> copy_to(const fs::path& from, const fs::path& to) {
  Fd source(::open(from.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  struct stat info {};
  if (!source || ::fstat(source.get(), &info) != 0) return cannot_copy(from);
  if (!S_ISREG(info.st_mode))
    return fail(phrase("cannot copy {}: it is no regular file", from.string()), "", "store.copy");
  Fd target(::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!target) return cannot_copy(to);
  std::vector<char> buffer(1 << 20);
  ssize_t got = 0;
  while ((got = ::read(source.get(), buffer.data(), buffer.size())) > 0) {
    if (::write(target.get(), buffer.data(), static_cast<std::size_t>(got)) != got) return cannot_copy(from);
  }
  if (got < 0) return cannot_copy(from);
  return {};
}

bool has_log(const fs::path& shard) {
  struct stat info {};
  return ::lstat((shard.string() + kLog).c_str(), &info) == 0 && info.st_size > 0;
}

}  // namespace

Result<fs::path> CapturedShards::readable(const fs::path& shard) {
  if (!has_log(shard)) return shard;
  if (!copies_) {
    TRY_ASSIGN(auto made, TemporaryDirectory::make(fs::temp_directory_path(), "stapkill-history"));
    copies_.emplace(std::move(made));
  }
  auto copied = copies_->path() / shard.filename();
  if (fs::exists(copied)) return copied;
  TRY(copy_to(shard, copied));
  TRY(copy_to(shard.string() + kLog, copied.string() + kLog));
  return copied;
}

}  // namespace stapkill
