#include "model/cgroup_names.h"

#include <algorithm>

namespace stapkill {
namespace {

/// /proc appends this to the path of a cgroup that was removed (kernel/cgroup/cgroup.c, proc_cgroup_show).
std::string_view without_deleted(std::string_view path) {
  constexpr std::string_view deleted = " (deleted)";
  if (path.ends_with(deleted)) path.remove_suffix(deleted.size());
  return path;
}

bool is_unit(std::string_view name) {
  for (std::string_view suffix : {".service", ".scope"}) {
    if (name.size() > suffix.size() && name.ends_with(suffix)) return true;
  }
  return false;
}

}  // namespace

std::optional<std::string> outermost_unit_of(const std::optional<std::string>& cgroup) {
  if (!cgroup) return std::nullopt;
  auto path = without_deleted(*cgroup);
  while (!path.empty()) {
    auto slash = std::min(path.find('/'), path.size());
    if (auto name = path.substr(0, slash); is_unit(name)) return std::string(name);
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return std::nullopt;
}

std::optional<std::string> unit_of(const std::optional<std::string>& cgroup) {
  if (!cgroup) return std::nullopt;
  auto path = without_deleted(*cgroup);
  while (!path.empty()) {
    auto slash = path.rfind('/');
    auto last = path.substr(slash == std::string_view::npos ? 0 : slash + 1);
    if (is_unit(last)) return std::string(last);
    if (slash == std::string_view::npos) break;
    path = path.substr(0, slash);
  }
  return std::nullopt;
}

bool is_in_cgroup(std::string_view path, std::string_view cgroup) {
  path = without_deleted(path);
  while (cgroup.size() > 1 && cgroup.ends_with('/')) cgroup.remove_suffix(1);
  if (cgroup == "/") return path.starts_with('/');
  return path.starts_with(cgroup) && (path.size() == cgroup.size() || path[cgroup.size()] == '/');
}

bool is_in_unit(std::string_view path, std::string_view unit) {
  path = without_deleted(path);
  while (!path.empty()) {
    auto slash = std::min(path.find('/'), path.size());
    auto name = path.substr(0, slash);
    // systemd puts '_' before a name that could be one of the kernel's own files (src/basic/cgroup-util.c).
    if (name == unit || (name.starts_with('_') && name.substr(1) == unit)) return true;
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return false;
}

}  // namespace stapkill
