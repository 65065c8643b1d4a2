#include "sys/read_only_mounts.h"

#include <sched.h>
#include <sys/mount.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "sys/file.h"
#include "sys/local_files.h"

namespace stapkill {
namespace fs = std::filesystem;
namespace {

struct Flag {
  std::string_view word;
  unsigned long flag;
};

/// A mount's own options: a remount without them would clear them (mount(2), MS_BIND | MS_REMOUNT).
constexpr Flag kFlags[] = {{"nosuid", MS_NOSUID},   {"nodev", MS_NODEV},           {"noexec", MS_NOEXEC},
                           {"noatime", MS_NOATIME}, {"nodiratime", MS_NODIRATIME}, {"relatime", MS_RELATIME}};

constexpr std::size_t kLargestMountinfo = 16 << 20;

/// "\040" → " ": blank, tab, newline and backslash are written as octal numbers (proc(5)).
std::string unescaped(std::string_view text) {
  auto digit = [&](std::size_t at) { return at < text.size() && text[at] >= '0' && text[at] <= '7'; };
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && digit(i + 1) && digit(i + 2) && digit(i + 3)) {
      out += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0'));
      i += 3;
    } else {
      out += text[i];
    }
  }
  return out;
}

unsigned long flags_of(std::string_view options) {
  unsigned long flags = 0;
  while (!options.empty()) {
    auto end = options.find(',');
    auto word = options.substr(0, end);
    options = end == std::string_view::npos ? std::string_view() : options.substr(end + 1);
    for (const auto& row : kFlags) flags |= row.word == word ? row.flag : 0;
  }
  return flags;
}

/// Whether `place` is the directory or lies below it.
bool is_below(std::string_view place, std::string_view directory) {
  return place.starts_with(directory) && (place.size() == directory.size() || place[directory.size()] == '/');
}

}  // namespace

ReadOnlyMounts::ReadOnlyMounts(const fs::path& writable) {
  std::error_code error;
  writable_ = fs::canonical(writable, error).string();
  std::string text = read_file("/proc/self/mountinfo", kLargestMountinfo).value_or("");
  std::vector<std::string> remote;  // places below which a path's look-up can hang
  for (const auto& mount : mounts_in(text)) {
    auto place = unescaped(mount.place);
    auto flags = flags_of(mount.options);
    bool reachable = std::none_of(remote.begin(), remote.end(), [&](const auto& one) { return is_below(place, one); });
    if (!is_local_file_system(mount.type) || !reachable) {
      if (place != "/") remote.push_back(std::move(place));
    } else if (!is_below(place, writable_)) {
      mounts_.push_back({std::move(place), flags});
    }
  }
}

void ReadOnlyMounts::cover(const fs::path& place, const fs::path& directory) {
  covers_.push_back({place.string(), directory.string()});
}

bool ReadOnlyMounts::enter() const noexcept {
  if (writable_.empty() || ::unshare(CLONE_NEWNS) != 0) return false;
  // The machine's unmounts reach this namespace; changes here do not reach the machine.
  if (::mount("none", "/", nullptr, MS_REC | MS_SLAVE, nullptr) != 0) return false;
  if (::mount(writable_.c_str(), writable_.c_str(), nullptr, MS_BIND, nullptr) != 0) return false;
  for (const auto& mount : mounts_)
    ::mount("none", mount.place.c_str(), nullptr, MS_BIND | MS_REMOUNT | MS_RDONLY | mount.flags, nullptr);
  for (const auto& cover : covers_) ::mount(cover.directory.c_str(), cover.place.c_str(), nullptr, MS_BIND, nullptr);
  return true;
}

}  // namespace stapkill
