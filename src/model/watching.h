#pragma once

#include <vector>

#include "model/bash_layout.h"
#include "model/process.h"

namespace stapkill {

/// What a backend has to watch; processes can be added while it runs.
struct Watching {
  bool everything = false;            ///< every process's signals; `processes` then adds nothing
  bool children = false;              ///< also children of watched processes, from before their first instruction
  std::vector<ProcessKey> processes;  ///< start 0: the next process with that pid (stap knows only the pid)
  std::vector<BashLayout> shells;     ///< builds of bash whose lines are reported
  bool stacks = false;                ///< what senders of fatal signals run in user space, where the backend can see it
  bool deaths_only = false;           ///< without signals that end nobody by default; events may come later
};

}  // namespace stapkill
