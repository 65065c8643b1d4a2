#pragma once

#include "base/result.h"

namespace stapkill {

/// What a recorder still needs once its programs run.
struct RecorderNeeds {
  bool network = false;  ///< its children may: a hook that sends mail
};

/// Gives up, for good and for all children, what a recorder needs no more: capabilities(7), no_new_privs, and a
/// seccomp(2) filter that answers EPERM. It stays root: the journal matches entries by that, and files of root's are
/// its own. Call it while there is one thread. Errors: the kernel has no filters; then the capabilities are gone all
/// the same.
Result<void> keep_recorder_privileges(const RecorderNeeds& needs);

}  // namespace stapkill
