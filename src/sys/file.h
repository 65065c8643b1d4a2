#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sys/fd.h"

namespace stapkill {

/// A file's bytes, at most `limit`; none when it cannot be read to its end, with errno set. Works for /proc, where
/// sizes are 0.
std::optional<std::string> read_file(const std::filesystem::path& path, std::size_t limit = 16 << 20);

/// Passes a file of any size to `take` in pieces; "-" is standard input.
Result<void> read_in_pieces(const std::string& path, const std::function<void(std::string_view)>& take);

/// "size:mtime" of the file that a path resolves to, in nanoseconds; "" when it does not exist. The same through every
/// file system that shows the file, as in the lab.
std::string file_stamp(const std::filesystem::path& path);

/// The first executable file of that name on PATH; "" when there is none.
std::string find_program(std::string_view name);

/// Makes a directory (and its parents) for this user only. Fails unless it is a directory, not a link, owned by this
/// user and writable by nobody else.
Result<void> make_private_directory(const std::filesystem::path& path);

/// Writes a file so that readers see the old or the new one, never a part: writes a new file beside it and renames
/// that. The new one has this `mode`, whatever the umask.
Result<void> write_file_atomically(const std::filesystem::path& path, std::string_view text, mode_t mode = 0644);

/// Where stapkill keeps what it can compile or find out again: $STAPKILL_CACHE, else /var/cache/stapkill for root, else
/// $XDG_CACHE_HOME/stapkill or ~/.cache/stapkill.
std::filesystem::path cache_directory();

/// A new directory below `parent` for this process, removed with its contents when this goes out of scope.
class TemporaryDirectory {
 public:
  static Result<TemporaryDirectory> make(const std::filesystem::path& parent, std::string_view prefix);
  TemporaryDirectory(TemporaryDirectory&& other) noexcept;
  TemporaryDirectory& operator=(TemporaryDirectory&&) = delete;
  ~TemporaryDirectory();
  const std::filesystem::path& path() const { return path_; }
  void keep() { kept_ = true; }

 private:
  explicit TemporaryDirectory(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
  bool kept_ = false;
};

/// Holds an exclusive flock(2) on a file.
class [[nodiscard]] FileLock {
 public:
  /// Creates the file where it is missing; waits until no other process holds the lock.
  static Result<FileLock> take(const std::filesystem::path& path);

 private:
  explicit FileLock(Fd file) : file_(std::move(file)) {}
  Fd file_;
};

}  // namespace stapkill
