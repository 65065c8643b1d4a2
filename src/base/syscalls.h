#pragma once

#include <string_view>

namespace stapkill {

/// The name of a system call that sends signals, from its number on this machine's architecture or, with `compat`, in
/// its 32-bit table; empty for every other call.
std::string_view sending_syscall(int number, bool compat);

}  // namespace stapkill
