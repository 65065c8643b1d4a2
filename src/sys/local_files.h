#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sys/fd.h"

namespace stapkill {

/// Whether file systems of that type have no server: neither a look-up nor a read there waits for a network or for
/// another process.
bool is_local_file_system(std::string_view type);

/// A line of /proc/PID/mountinfo (proc(5)), as it is written there.
struct MountLine {
  std::string_view id, device, place, options, type;
};
/// All lines; the views point into `mountinfo`.
std::vector<MountLine> mounts_in(std::string_view mountinfo);

/// Opens a process's file descriptor `number`, if that is a regular file of a local file system, for reading; none
/// where it is not, or may not be opened. `folder` is the process's in /proc.
Fd open_descriptor(const std::string& folder, int number);

/// Opens a path of this process's own view on the same conditions, and only where none of its directories is a symbolic
/// link, but for those of the root (/bin, /lib). None before Linux 5.6 (openat2(2)).
Fd open_path(const std::string& path);

/// Opens the program that a process runs, on the same conditions.
Fd open_program(const std::string& folder);

}  // namespace stapkill
