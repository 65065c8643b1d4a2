#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "base/json_member.h"

namespace stapkill {

/// A JSON text that somebody else wrote; none where it is no JSON, nests deeper than 64 levels or has more than 300,000
/// values. Real ones of these sources stay below 20 levels.
std::optional<nlohmann::json> foreign_json(std::string_view text);

/// The named members of an object that have a text, number or truth value, as `"Pid":0,"ExitCode":137`: for a quote of
/// at most kLongestQuote bytes.
std::string quoted_members(const nlohmann::json& object, std::initializer_list<const char*> names);

/// The member's truth value; false where it is none.
bool truth_of(const nlohmann::json& object, const char* name);

/// The member's number where it fits a process id, else 0.
int pid_of(const nlohmann::json& object, const char* name);

/// The member's number where it can be an exit status of a container: 0 to 255.
std::optional<int> status_of(const nlohmann::json& object, const char* name);

}  // namespace stapkill
