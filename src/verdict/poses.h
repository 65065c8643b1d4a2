#pragma once

#include <string_view>

#include "model/process.h"

namespace stapkill {

/// Whether a process has the name of a well-known daemon while its program, of that base name, is another one. Fine are
/// a program whose name has the daemon's in it (mysqld-debug) or begins it, the other names that a daemon's program is
/// known to have (init is systemd's too), busybox and toybox, emulators, and an interpreter that runs a script of the
/// name.
bool poses_as_daemon(const Process& process, std::string_view program);

/// Whether a process goes by a kernel thread's name: a comm or a first argument like "kworker/0:1", or in brackets, as
/// ps writes kernel threads. Real ones have no exe.
bool poses_as_kernel_thread(const Process& process);

}  // namespace stapkill
