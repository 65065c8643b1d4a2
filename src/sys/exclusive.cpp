#include "sys/exclusive.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace stapkill {

Result<Fd> hold_alone(const std::filesystem::path& path, const Phrase& taken) {
  Fd file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file) return fail(phrase("cannot lock {}: {}", path.string(), std::strerror(errno)));
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) return fail(taken, phrase("stop it first"), "lock.taken");
  return file;
}

bool is_held(const std::filesystem::path& path, std::string_view locks) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) return false;
  // "1: FLOCK  ADVISORY  WRITE 812 08:01:131090 0 EOF". The device is not compared: btrfs and overlayfs show another.
  auto inode = ':' + std::to_string(info.st_ino) + ' ';
  while (!locks.empty()) {
    auto line = locks.substr(0, locks.find('\n'));
    locks.remove_prefix(std::min(line.size() + 1, locks.size()));
    if (line.find(" FLOCK ") != line.npos && line.find(" WRITE ") != line.npos && line.find(inode) != line.npos)
      return true;
  }
  return false;
}

}  // namespace stapkill
