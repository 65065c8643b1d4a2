#pragma once

#include <string_view>

namespace stapkill {

/// Whether a path is below a directory that holds only packages' files: /usr/bin, /usr/lib*, /opt and the like.
bool in_system_directory(std::string_view path);

/// Whether a path is below /usr, /bin, /sbin or /lib*, where packages replace their files, and where a lookup cannot
/// hang on a network mount.
bool in_local_system(std::string_view path);

}  // namespace stapkill
