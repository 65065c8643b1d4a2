#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sys/result.h"

namespace stapkill {

/// A user's name by /etc/passwd, read once; none when it has none there. Never asks a directory service.
const std::optional<std::string>& user_name(std::int64_t uid);

/// Lets user_name and user_id answer by these alone: the users of the machine on which a recording was made.
void set_user_names(const std::map<std::int64_t, std::string>& names);

/// A user's id by name or number. Asks directory services where /etc/passwd has none of that name: getent(1), for 3 s
/// at most.
Result<std::int64_t> user_id(const std::string& word);

/// The names of /etc/passwd, or those that set_user_names gave.
std::vector<std::string> user_names();

}  // namespace stapkill
