#include "host/cgroup_mounts.h"

#include <sstream>

#include "sys/file.h"

namespace stapkill {
namespace {

/// Spaces and the like stand as a backslash and three octal digits (fs/proc_namespace.c, mangle()).
std::string unescaped(const std::string& text) {
  std::string plain;
  for (std::size_t at = 0; at < text.size(); ++at) {
    auto digits = text.substr(at + 1, 3);
    bool escape = text[at] == '\\' && digits.size() == 3 && digits.find_first_not_of("01234567") == std::string::npos;
    plain += escape ? static_cast<char>(std::stoi(digits, nullptr, 8)) : text[at];
    if (escape) at += 3;
  }
  return plain;
}

}  // namespace

std::vector<std::string> cgroup_mounts(const std::string& mountinfo) {
  std::vector<std::string> mounts;
  std::istringstream lines(mountinfo);
  for (std::string line; std::getline(lines, line);) {
    auto dash = line.find(" - ");
    if (dash == std::string::npos || line.compare(dash + 3, 6, "cgroup") != 0) continue;
    std::istringstream words(line);
    std::string id, parent, device, root, place;
    if (words >> id >> parent >> device >> root >> place && root == "/") mounts.push_back(unescaped(place));
  }
  return mounts;
}

std::string without_cgroup_mount(const std::string& path) {
  std::string longest;
  for (const auto& mount : cgroup_mounts(read_file("/proc/self/mountinfo").value_or(""))) {
    bool below = path.starts_with(mount) && (path.size() == mount.size() || path[mount.size()] == '/');
    if (below && mount.size() > longest.size()) longest = mount;
  }
  return path.substr(longest.size());
}

}  // namespace stapkill
