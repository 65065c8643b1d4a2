#pragma once

#include <optional>
#include <string>

namespace stapkill {

/// A container that was started under a name of any kind: by `ctr run`, `runc run` or `crun run`.
struct RuntimeState {
  std::string runtime;  ///< "containerd", "runc" or "crun"
  int pid = 0;          ///< of its first process
};

/// What a runtime keeps of the container of that name below `root`/run. None where there is none, or its file is
/// damaged. Only root can read these files.
std::optional<RuntimeState> runtime_state(const std::string& root, const std::string& name);

}  // namespace stapkill
