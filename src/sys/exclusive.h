#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sys/fd.h"

namespace stapkill {

/// Holds a file alone, until the descriptor is closed or the process ends (flock(2)). Creates it where it is missing;
/// never waits. Fails with the message `taken` ("lock.taken") where another process holds it.
Result<Fd> hold_alone(const std::filesystem::path& path, const Phrase& taken);

/// Whether some process holds that file alone now (proc(5), /proc/locks; `locks` is its text). Takes no lock itself:
/// one that is about to would be refused.
bool is_held(const std::filesystem::path& path, std::string_view locks);

}  // namespace stapkill
