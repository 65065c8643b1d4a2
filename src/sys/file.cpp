#include "sys/file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "sys/home.h"

namespace stapkill {
namespace fs = std::filesystem;

std::optional<std::string> read_file(const fs::path& path, std::size_t limit) {
  Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!file) return std::nullopt;
  std::string text;
  char buffer[65536];
  while (text.size() < limit) {
    ssize_t got = ::read(file.get(), buffer, std::min(sizeof buffer, limit - text.size()));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::nullopt;
    if (got == 0) break;
    text.append(buffer, static_cast<std::size_t>(got));
  }
  return text;
}

Result<void> read_in_pieces(const std::string& path, const std::function<void(std::string_view)>& take) {
  bool standard = path == "-";
  std::vector<char> buffer(1 << 16);
  Fd file(standard ? -1 : ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  int fd = standard ? STDIN_FILENO : file.get();
  ssize_t got = fd < 0 ? -1 : 0;
  while (fd >= 0 && ((got = ::read(fd, buffer.data(), buffer.size())) > 0 || (got < 0 && errno == EINTR))) {
    if (got > 0) take({buffer.data(), static_cast<std::size_t>(got)});
  }
  if (got < 0)
    return fail(phrase("cannot read {}: {}", standard ? phrase("standard input") : Phrase(path), std::strerror(errno)));
  return {};
}

std::string file_stamp(const fs::path& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return {};
  return std::to_string(info.st_size) + ':' + std::to_string(info.st_mtim.tv_sec) + '.' +
         std::to_string(info.st_mtim.tv_nsec);
}

std::string find_program(std::string_view name) {
  const char* path = std::getenv("PATH");
  std::string_view rest = path ? path : "/usr/sbin:/usr/bin:/sbin:/bin";
  while (!rest.empty()) {
    auto colon = rest.find(':');
    std::string_view folder = rest.substr(0, colon);
    rest = colon == std::string_view::npos ? std::string_view() : rest.substr(colon + 1);
    if (folder.empty() || folder[0] != '/') continue;  // never a program in the working directory
    std::string candidate = std::string(folder) + '/' + std::string(name);
    struct stat info {};
    if (::stat(candidate.c_str(), &info) == 0 && S_ISREG(info.st_mode) && ::access(candidate.c_str(), X_OK) == 0) {
      return candidate;
    }
  }
  return {};
}

Result<void> make_private_directory(const fs::path& path) {
  std::error_code error;
  if (path.has_parent_path()) fs::create_directories(path.parent_path(), error);
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    return fail(phrase("cannot make the directory {}: {}", path.string(), std::strerror(errno)));
  }
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)) {
    return fail(phrase("{} is not a directory", path.string()),
                phrase("remove it, or name another with STAPKILL_CACHE"));
  }
  if (info.st_uid != ::geteuid() || (info.st_mode & 022)) {
    return fail(phrase("{} belongs to another user or can be written by others", path.string()),
                phrase("remove it, or name another with STAPKILL_CACHE"));
  }
  return {};
}

Result<void> write_file_atomically(const fs::path& path, std::string_view text, mode_t mode) {
  std::string name = path.string() + ".XXXXXX";
  int fd = ::mkostemp(name.data(), O_CLOEXEC);
  if (fd < 0) return fail(phrase("cannot write {}: {}", path.string(), std::strerror(errno)));
  while (!text.empty()) {
    ssize_t wrote = ::write(fd, text.data(), text.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) break;
    text.remove_prefix(static_cast<std::size_t>(wrote));
  }
  int error = errno;
  ::fchmod(fd, mode);
  ::close(fd);
  if (!text.empty() || ::rename(name.c_str(), path.c_str()) != 0) {
    if (text.empty()) error = errno;
    ::unlink(name.c_str());
    return fail(phrase("cannot write {}: {}", path.string(), std::strerror(error)));
  }
  return {};
}

fs::path cache_directory() {
  if (const char* given = std::getenv("STAPKILL_CACHE"); given && *given) return given;
  if (::geteuid() == 0) return "/var/cache/stapkill";
  if (const char* xdg = std::getenv("XDG_CACHE_HOME"); xdg && *xdg == '/') return fs::path(xdg) / "stapkill";
  const char* given = std::getenv("HOME");
  std::string home = given && *given ? given : home_of(::geteuid());
  return fs::path(home.empty() ? "/" : home) / ".cache" / "stapkill";
}

Result<TemporaryDirectory> TemporaryDirectory::make(const fs::path& parent, std::string_view prefix) {
  std::string name = (parent / prefix).string() + ".XXXXXX";
  if (!::mkdtemp(name.data()))
    return fail(phrase("cannot make a directory in {}: {}", parent.string(), std::strerror(errno)));
  return TemporaryDirectory(name);
}

TemporaryDirectory::TemporaryDirectory(TemporaryDirectory&& other) noexcept
    : path_(std::move(other.path_)), kept_(other.kept_) {
  other.path_.clear();
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  if (!path_.empty() && !kept_) fs::remove_all(path_, ignored);
}

Result<FileLock> FileLock::take(const fs::path& path) {
  Fd file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  int failed = file ? 0 : -1;
  while (file && (failed = ::flock(file.get(), LOCK_EX)) != 0 && errno == EINTR) continue;
  if (failed) {
    return fail(phrase("cannot lock {}: {}", path.string(), std::strerror(errno)),
                phrase("remove it, or name another cache with STAPKILL_CACHE"));
  }
  return FileLock(std::move(file));
}

}  // namespace stapkill
