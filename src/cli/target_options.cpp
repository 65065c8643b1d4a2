#include "cli/target_options.h"

namespace stapkill {

Result<TargetOptions> named_targets(const Arguments& arguments) {
  TargetOptions targets;
  for (const auto& word : arguments.all("pid")) {
    auto pid = parse_whole("--pid", word, 1);
    if (!pid) return tl::unexpected(pid.error());
    if (*pid > kMostPid) return usage_error("--pid " + word + " is more than any Linux gives out");
    targets.pids.push_back(static_cast<int>(*pid));
  }
  targets.names = arguments.all("name");
  targets.all = arguments.has("all");
  targets.children = arguments.has("children");
  targets.wait = arguments.has("wait");
  return targets;
}

}  // namespace stapkill
