#include "event/cgroup_names.h"

#include <string_view>

namespace stapkill {

std::optional<std::string> unit_of(const std::optional<std::string>& cgroup) {
  if (!cgroup) return std::nullopt;
  std::string_view path = *cgroup;
  while (!path.empty()) {
    auto slash = path.rfind('/');
    auto last = path.substr(slash == std::string_view::npos ? 0 : slash + 1);
    for (std::string_view suffix : {".service", ".scope"}) {
      if (last.size() > suffix.size() && last.ends_with(suffix)) return std::string(last);
    }
    if (slash == std::string_view::npos) break;
    path = path.substr(0, slash);
  }
  return std::nullopt;
}

std::optional<std::string> container_id_of(const std::optional<std::string>& cgroup) {
  constexpr std::size_t length = 64;
  if (!cgroup) return std::nullopt;
  std::optional<std::string> found;
  std::size_t run = 0;
  for (std::size_t at = 0; at <= cgroup->size(); ++at) {
    char c = at < cgroup->size() ? (*cgroup)[at] : '/';
    if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')) {
      ++run;
      continue;
    }
    if (run == length) found = cgroup->substr(at - length, length);
    run = 0;
  }
  return found;
}

}  // namespace stapkill
