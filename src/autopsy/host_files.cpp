#include "autopsy/host_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>

namespace stapkill {
namespace {

constexpr int kFlags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW;

/// O_NOATIME is for a file's owner and root alone (open(2)).
Fd open_quietly(const std::string& path) {
  Fd file(::open(path.c_str(), kFlags | O_NOATIME));
  return file || errno != EPERM ? std::move(file) : Fd(::open(path.c_str(), kFlags));
}

}  // namespace

Fd HostFiles::open(std::string_view path, int& error) const {
  std::string resolved;
  error = tree_.resolve(path, resolved);
  if (error) return Fd();
  auto file = open_quietly(tree_.outside(resolved));
  if (!file) {
    error = errno;
    return Fd();
  }
  struct stat info {};
  if (::fstat(file.get(), &info) == 0 && S_ISREG(info.st_mode)) return file;
  error = S_ISDIR(info.st_mode) ? EISDIR : EINVAL;
  return Fd();
}

std::optional<std::string> HostFiles::read(std::string_view path, std::size_t limit, int& error) const {
  auto file = open(path, error);
  if (!file) return std::nullopt;
  std::string bytes;
  char piece[1 << 14];
  while (bytes.size() < limit) {
    auto got = ::read(file.get(), piece, std::min(sizeof piece, limit - bytes.size()));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      error = errno;
      return std::nullopt;
    }
    if (got == 0) break;
    bytes.append(piece, static_cast<std::size_t>(got));
  }
  return bytes;
}

std::vector<std::string> HostFiles::list(std::string_view path, int& error, std::size_t most) const {
  std::vector<std::string> names;
  std::string resolved;
  error = tree_.resolve(path, resolved);
  if (error) return names;
  std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(tree_.outside(resolved).c_str()), ::closedir);
  if (!directory) {
    error = errno;
    return names;
  }
  while (names.size() < most) {
    const auto* entry = ::readdir(directory.get());
    if (!entry) break;
    std::string_view name(entry->d_name);
    if (name != "." && name != "..") names.emplace_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string HostFiles::outside(std::string_view path) const {
  std::string resolved;
  return tree_.resolve(path, resolved) ? "" : tree_.outside(resolved);
}

}  // namespace stapkill
