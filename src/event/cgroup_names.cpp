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

}  // namespace stapkill
