#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace stapkill {

/// A user's name from the machine's user database (getpwuid(3)), asked once for each uid; none when it has none.
const std::optional<std::string>& user_name(std::int64_t uid);

/// A user's id by name or number; none when there is no such user.
std::optional<std::int64_t> user_id(const std::string& word);

}  // namespace stapkill
