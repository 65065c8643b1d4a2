#pragma once

#include <chrono>
#include <functional>

namespace stapkill {

/// Does something in a thread of its own and waits for it that long; false when it has not ended by then. The thread is
/// then left behind: what it uses must be kept alive by what the function holds. Throws std::system_error when no
/// thread can be made.
bool run_in_time(std::function<void()> work, std::chrono::milliseconds limit);

/// Whether a thread was ever left behind: the process must then end without destroying what that may still use.
bool threads_left_behind();

}  // namespace stapkill
