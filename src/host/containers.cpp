#include "host/containers.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <unordered_map>

#include "sys/fd.h"

namespace stapkill {
namespace {

/// The text of PID/cgroup, in one read: the kernel writes it again at every read from the start. A dozen v1 hierarchies
/// with long paths fit.
std::string_view read_cgroup_file(int proc, const char* pid, std::string& room) {
  char path[64];
  std::size_t length = 0;
  while (pid[length] && length < 16) ++length;
  std::string_view name = "/cgroup";
  std::copy(pid, pid + length, path);
  std::copy(name.begin(), name.end(), path + length);
  path[length + name.size()] = '\0';
  Fd file(::openat(proc, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file) return {};
  ssize_t got = ::read(file.get(), room.data(), room.size());
  return got > 0 ? std::string_view(room.data(), static_cast<std::size_t>(got)) : std::string_view();
}

using Counts = std::unordered_map<std::string, std::size_t>;

/// Number of processes by their text of /proc/PID/cgroup; there are far fewer texts than processes.
Counts count_texts(const std::string& proc) {
  Counts counts;
  DIR* folder = ::opendir(proc.c_str());
  if (!folder) return counts;
  std::string room(1 << 16, '\0');
  while (const dirent* entry = ::readdir(folder)) {
    if (entry->d_name[0] < '1' || entry->d_name[0] > '9') continue;
    auto text = read_cgroup_file(::dirfd(folder), entry->d_name, room);
    if (!text.empty()) ++counts[std::string(text)];
  }
  ::closedir(folder);
  return counts;
}

}  // namespace

std::vector<Container> containers_of_process(std::string_view proc_cgroup) {
  std::vector<Container> most;
  while (!proc_cgroup.empty()) {
    auto end = proc_cgroup.find('\n');  // no cgroup's name has one: cgroup_mkdir, kernel/cgroup/cgroup.c
    auto line = proc_cgroup.substr(0, end);
    proc_cgroup = end == std::string_view::npos ? std::string_view() : proc_cgroup.substr(end + 1);
    auto slash = line.find(":/");
    if (slash == std::string_view::npos) continue;
    auto here = containers_in(line.substr(slash + 1));
    if (here.size() > most.size()) most = std::move(here);
  }
  return most;
}

std::vector<LivingContainer> living_containers(const std::string& proc) {
  std::map<std::pair<std::string, std::string_view>, LivingContainer> found;
  for (const auto& [text, processes] : count_texts(proc)) {
    for (auto& container : containers_of_process(text)) {
      auto& entry = found[{container.id, container.runtime}];
      entry.processes += processes;
      entry.container = std::move(container);
    }
  }
  std::vector<LivingContainer> all;
  all.reserve(found.size());
  for (auto& [key, entry] : found) all.push_back(std::move(entry));
  return all;
}

}  // namespace stapkill
