#pragma once

#include <string_view>

#include "sys/fd.h"

namespace stapkill {

/// A file in memory (memfd_create(2)) with that text, to be read from its beginning; none where it cannot be made.
Fd file_in_memory(const char* name, std::string_view text);

}  // namespace stapkill
