#pragma once

#include <span>
#include <vector>

#include "model/process.h"
#include "model/user_stack.h"
#include "sys/fd.h"

namespace stapkill {

/// Opens the files of a stack's executable memory for reading, each only where it is the very file that was mapped (its
/// inode and device): as that process sees them, else as the first of `relatives` that still lives does, else as this
/// one does, else below an overlay that is mounted here. A file that was not found is not open. May wait for the host's
/// file systems.
std::vector<Fd> open_code_files(const UserStack& stack, std::span<const ProcessKey> relatives);

}  // namespace stapkill
