#pragma once

#include <vector>

#include "model/process.h"

namespace stapkill {

/// Whom a backend has to watch; processes can be added while it runs.
struct Watching {
  bool everything = false;            ///< every process's signals; `processes` then adds nothing
  bool children = false;              ///< also what watched processes fork, from before its first instruction
  std::vector<ProcessKey> processes;  ///< start 0: the one that has that pid next (stap knows the pid alone)
};

}  // namespace stapkill
