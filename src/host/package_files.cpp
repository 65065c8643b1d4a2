#include "host/package_files.h"

#include <algorithm>
#include <filesystem>
#include <functional>

#include "base/system_paths.h"
#include "sys/clock.h"
#include "sys/file.h"

namespace stapkill {
namespace {

constexpr std::size_t kLargestList = 64 << 20;

/// Removes the /usr that a merged system puts before /bin, /sbin and /lib*.
std::string_view without_usr(std::string_view path) {
  std::string_view rest = path.starts_with("/usr/") ? path.substr(4) : std::string_view();
  bool merged = rest.starts_with("/bin/") || rest.starts_with("/sbin/") || rest.starts_with("/lib");
  return merged ? rest : path;
}

std::uint64_t hash_of(std::string_view path) {
  return std::hash<std::string_view>()(without_usr(path));
}

}  // namespace

bool PackageFiles::owns(std::string_view path) {
  std::int64_t now = boot_now();
  if (!begun_ || now - begun_ > kReadAgainAfter) {
    auto stamp = file_stamp(lists_);
    if (!begun_ || stamp != stamp_) {
      stamp_ = stamp;
      begun_ = now;
      begin();
    }
  }
  if (!unread_.empty()) read_on();
  if (any_ && std::binary_search(paths_.begin(), paths_.end(), hash_of(path))) return true;
  // Lists that are not read yet may have it.
  return (!any_ || !unread_.empty()) && in_system_directory(path);
}

void PackageFiles::begin() {
  unread_.clear();
  paths_.clear();
  lists_read_ = 0;
  std::error_code error;
  for (std::filesystem::directory_iterator at(lists_, error), end; !error && at != end; at.increment(error)) {
    if (at->path().extension() == ".list") unread_.push_back(at->path().string());
  }
  any_ = !unread_.empty();
}

void PackageFiles::read_on() {
  std::int64_t until = boot_now() + kMostAtOnce;
  do {
    take(unread_.back());
    unread_.pop_back();
  } while (!unread_.empty() && boot_now() < until);
  std::sort(paths_.begin(), paths_.end());
  if (unread_.empty()) paths_.erase(std::unique(paths_.begin(), paths_.end()), paths_.end());
}

void PackageFiles::take(const std::string& list) {
  ++lists_read_;
  auto text = read_file(list, kLargestList);
  if (!text) return;
  std::string_view rest = *text;
  while (!rest.empty()) {
    auto end = rest.find('\n');
    paths_.push_back(hash_of(rest.substr(0, end)));
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
}

bool is_file_replaced(const std::string& path) {
  std::error_code error;
  return in_local_system(path) && std::filesystem::exists(path, error);
}

}  // namespace stapkill
