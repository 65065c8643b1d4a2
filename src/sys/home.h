#pragma once

#include <cstdint>
#include <string>

namespace stapkill {

/// A user's home directory in /etc/passwd; "" when it has none there.
std::string home_of(std::int64_t uid);

}  // namespace stapkill
