#pragma once

#include <chrono>
#include <functional>

namespace stapkill {

/// Runs `work` in its own thread and waits for at most `limit`; false when it has not ended by then. The thread then
/// keeps running: `work` must own all that it uses. Throws std::system_error when no thread can be made.
bool run_in_time(std::function<void()> work, std::chrono::milliseconds limit);

/// Whether such a thread may still run: the process must then end without destroying what it may use.
bool threads_left_behind();

}  // namespace stapkill
