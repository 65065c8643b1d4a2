#include "host/code_files.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>

#include <string>

#include "host/procfs.h"
#include "sys/file.h"
#include "sys/local_files.h"

namespace stapkill {
namespace {

constexpr std::size_t kMostRoots = 256;
constexpr unsigned kMinorBits = 20;  // include/linux/kdev_t.h

/// On these the mapped file's device is not the one that stat(2) shows (fs/overlayfs, fs/btrfs).
bool has_own_devices(int file) {
  struct statfs info {};
  return ::fstatfs(file, &info) == 0 &&
         (info.f_type == OVERLAYFS_SUPER_MAGIC || info.f_type == static_cast<long>(BTRFS_SUPER_MAGIC));
}

bool is_mapped_file(int file, const CodeMapping& mapping) {
  struct stat info {};
  if (::fstat(file, &info) != 0 || !S_ISREG(info.st_mode) || info.st_ino != mapping.inode) return false;
  bool same_device = major(info.st_dev) == mapping.device >> kMinorBits &&
                     minor(info.st_dev) == (mapping.device & ((1U << kMinorBits) - 1));
  return same_device || has_own_devices(file);
}

/// Found before it is opened: opening a device, a pipe or a link to one can have effects.
Fd open_mapped(const std::string& path, const CodeMapping& mapping) {
  Fd found(::open(path.c_str(), O_PATH | O_CLOEXEC));
  if (!found || !is_mapped_file(found.get(), mapping)) return Fd();
  Fd file(::open(("/proc/self/fd/" + std::to_string(found.get())).c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  return file && is_mapped_file(file.get(), mapping) ? std::move(file) : Fd();
}

/// Where runtimes mount the files of containers: these stay for a moment after a container's last process.
void add_overlays(std::vector<std::string>& roots) {
  auto mountinfo = read_file("/proc/self/mountinfo").value_or("");
  for (const auto& mount : mounts_in(mountinfo)) {
    if (mount.type == "overlay" && roots.size() < kMostRoots) roots.emplace_back(mount.place);
  }
}

std::vector<std::string> roots_of(const UserStack& stack, std::span<const ProcessKey> relatives) {
  std::vector<std::string> roots;
  auto add = [&](int pid, std::uint64_t start) {
    if (process_lives(pid, start)) roots.push_back("/proc/" + std::to_string(pid) + "/root");
  };
  add(stack.pid, stack.process_start);
  for (const auto& one : relatives) add(one.pid, one.start);
  roots.emplace_back();
  add_overlays(roots);
  return roots;
}

}  // namespace

std::vector<Fd> open_code_files(const UserStack& stack, std::span<const ProcessKey> relatives) {
  auto roots = roots_of(stack, relatives);
  std::vector<Fd> files;
  for (const auto& mapping : stack.code) {
    Fd file;
    if (mapping.inode != 0 && mapping.path.starts_with('/')) {
      for (std::size_t at = 0; at < roots.size() && !file; ++at) file = open_mapped(roots[at] + mapping.path, mapping);
    }
    files.push_back(std::move(file));
  }
  return files;
}

}  // namespace stapkill
