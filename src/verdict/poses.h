#pragma once

#include <string_view>

#include "model/process.h"

namespace stapkill {

/// Whether a process has the name of a well-known daemon, but its program (base name) is another one. Allowed: a
/// program whose name contains the daemon's (mysqld-debug) or is its beginning, known other names of the daemon's
/// program (systemd for init), busybox and toybox, emulators, and an interpreter that runs a script of that name.
bool poses_as_daemon(const Process& process, std::string_view program);

/// Whether a process has a kernel thread's name: a comm or first argument like "kworker/0:1", or one in brackets, as ps
/// writes kernel threads. Real ones have no exe.
bool poses_as_kernel_thread(const Process& process);

}  // namespace stapkill
