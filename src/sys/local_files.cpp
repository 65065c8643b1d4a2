#include "sys/local_files.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <climits>
#include <functional>

#include "sys/file.h"

namespace stapkill {
namespace {

constexpr std::string_view kLocal[] = {"ext2",     "ext3", "ext4",   "xfs",      "btrfs",    "zfs",      "f2fs",
                                       "bcachefs", "jfs",  "tmpfs",  "ramfs",    "devtmpfs", "reiserfs", "overlay",
                                       "aufs",     "vfat", "rootfs", "squashfs", "erofs",    "nilfs2"};

/// Removes what stands before the separator from a text, with that, and returns it.
std::string_view take_until(std::string_view& text, char separator) {
  auto end = text.find(separator);
  auto part = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  return part;
}

std::string_view take_word(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  return take_until(line, ' ');
}

/// A device of /proc/PID/maps ("fe:01", hexadecimal) as mountinfo has it ("254:1").
std::string device_of_map(std::string_view text) {
  unsigned major = 0, minor = 0;
  const char* end = text.data() + text.size();
  auto [colon, error] = std::from_chars(text.data(), end, major, 16);
  if (error != std::errc() || colon == end || *colon != ':') return {};
  if (std::from_chars(colon + 1, end, minor, 16).ptr != end) return {};
  return std::to_string(major) + ':' + std::to_string(minor);
}

/// Opens a link of /proc whose file is on the mount that `is_it` knows, if that is local: the link is not followed
/// before.
Fd open_if_local(const std::string& folder, const std::string& link,
                 const std::function<bool(const MountLine&)>& is_it) {
  auto mountinfo = read_file(folder + "/mountinfo").value_or("");
  auto mounts = mounts_in(mountinfo);
  auto mount = std::find_if(mounts.begin(), mounts.end(), is_it);
  if (mount == mounts.end() || !is_local_file_system(mount->type)) return Fd();
  struct stat info {};
  if (::stat((folder + link).c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return Fd();
  Fd file(::open((folder + link).c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat opened {};
  bool same = file && ::fstat(file.get(), &opened) == 0 && opened.st_ino == info.st_ino && opened.st_dev == info.st_dev;
  return same ? std::move(file) : Fd();
}

}  // namespace

bool is_local_file_system(std::string_view type) {
  return std::find(std::begin(kLocal), std::end(kLocal), type) != std::end(kLocal);
}

std::vector<MountLine> mounts_in(std::string_view mountinfo) {
  std::vector<MountLine> mounts;
  while (!mountinfo.empty()) {
    auto line = take_until(mountinfo, '\n');
    MountLine mount;
    mount.id = take_word(line);
    take_word(line);  // the parent's id
    mount.device = take_word(line);
    take_word(line);  // the root
    mount.place = take_word(line);
    mount.options = take_word(line);
    while (!line.empty() && take_word(line) != "-") continue;  // optional fields
    mount.type = take_word(line);
    mounts.push_back(mount);
  }
  return mounts;
}

Fd open_descriptor(const std::string& folder, int number) {
  auto info = read_file(folder + "/fdinfo/" + std::to_string(number)).value_or("");
  auto at = info.find("mnt_id:");
  if (at == std::string::npos) return Fd();
  std::string_view rest = std::string_view(info).substr(at + 7);
  rest = rest.substr(0, rest.find('\n'));
  rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
  return open_if_local(folder, "/fd/" + std::to_string(number),
                       [&](const MountLine& mount) { return mount.id == rest; });
}

Fd open_path(const std::string& path) {
  auto mountinfo = read_file("/proc/self/mountinfo").value_or("");
  const MountLine* last = nullptr;  // the innermost, and of those the one that was mounted last
  auto mounts = mounts_in(mountinfo);
  for (const auto& mount : mounts) {
    bool below = path.starts_with(mount.place) &&
                 (mount.place == "/" || path.size() == mount.place.size() || path[mount.place.size()] == '/');
    if (below && (!last || mount.place.size() >= last->place.size())) last = &mount;
  }
  if (!last || !is_local_file_system(last->type)) return Fd();
  open_how how{};
  how.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
  how.resolve = RESOLVE_NO_SYMLINKS;
  auto open = [&](const std::string& name) {
    return Fd(static_cast<int>(::syscall(SYS_openat2, AT_FDCWD, name.c_str(), &how, sizeof how)));
  };
  auto file = open(path);
  if (!file && errno == ELOOP) file = open("/usr" + path);  // a root whose /bin is usr/bin
  struct stat info {};
  return file && ::fstat(file.get(), &info) == 0 && S_ISREG(info.st_mode) ? std::move(file) : Fd();
}

Fd open_program(const std::string& folder) {
  char target[PATH_MAX];
  auto length = ::readlink((folder + "/exe").c_str(), target, sizeof target);
  if (length <= 0) return Fd();
  // The device of its file stands where it is mapped.
  std::string ending = ' ' + std::string(target, static_cast<std::size_t>(length));
  auto text = read_file(folder + "/maps").value_or("");
  std::string_view maps = text;
  while (!maps.empty()) {
    auto line = take_until(maps, '\n');
    if (!line.ends_with(ending)) continue;
    for (int i = 0; i < 3; ++i) take_word(line);  // addresses, rights, offset
    auto device = device_of_map(take_word(line));
    return open_if_local(folder, "/exe", [&](const MountLine& mount) { return mount.device == device; });
  }
  return Fd();
}

}  // namespace stapkill
