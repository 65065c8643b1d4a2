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

/// A file's bytes, at most `limit`; none when it cannot be read to its end, and errno says why. Works for /proc, whose
/// sizes are 0.
std::optional<std::string> read_file(const std::filesystem::path& path, std::size_t limit = 16 << 20);

/// Hands a file's bytes to `take` in pieces, whatever its size; "-" is standard input.
Result<void> read_in_pieces(const std::string& path, const std::function<void(std::string_view)>& take);

/// "size:mtime" of what a path resolves to, the time to the nanosecond; "" when it does not exist. Nothing that differs
/// where the same file is seen through another file system, as in the lab.
std::string file_stamp(const std::filesystem::path& path);

/// The first executable file of that name on PATH; "" when there is none.
std::string find_program(std::string_view name);

/// Makes a directory (and its parents) for this user alone, and makes sure that it is one: a directory, not a link,
/// owned by this user, writable by nobody else.
Result<void> make_private_directory(const std::filesystem::path& path);

/// Writes a file so that others see all of it or nothing: a new file beside it, renamed over it.
Result<void> write_file_atomically(const std::filesystem::path& path, std::string_view text);

/// Where stapkill keeps what it can make again: $STAPKILL_CACHE, else /var/cache/stapkill for root, else
/// $XDG_CACHE_HOME/stapkill or ~/.cache/stapkill.
std::filesystem::path cache_directory();

/// A new directory of this process's own below `parent`, removed with everything in it when this goes out of scope.
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
  /// Makes the file where it is missing, and waits until no other process holds the lock.
  static Result<FileLock> take(const std::filesystem::path& path);

 private:
  explicit FileLock(Fd file) : file_(std::move(file)) {}
  Fd file_;
};

}  // namespace stapkill
