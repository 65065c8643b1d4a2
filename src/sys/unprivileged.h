#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace stapkill {

/// Gives up what this process may do, for good: it parses files of other users from now on. As root it becomes the
/// user "nobody"; it gains no privilege by exec.
struct UnprivilegedLimits {
  std::uint64_t memory;     ///< bytes of address space
  unsigned seconds;         ///< of CPU time
  std::uint64_t file_size;  ///< bytes that it can write to one file; 0: it writes none
};
/// False where that failed: it must then not go on.
bool give_up_privileges(const UnprivilegedLimits& limits);

/// The user that it then is, who owns no file (the kernel's overflowuid, proc(5)).
inline constexpr unsigned kNobody = 65534;

/// Makes a directory for that user alone; for this user, where it is not root. Errors: what is there is no directory, a
/// link, or another user's.
Result<void> make_directory_of_nobody(const std::string& path);

}  // namespace stapkill
