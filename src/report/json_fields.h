#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

/// Appends members of a JSON object, each after a comma. A missing value is null.
namespace stapkill::json_fields {

void append_number(std::string& out, std::int64_t value);  ///< only the number, no member
void key(std::string& out, std::string_view name);         ///< a member's name; its value comes next
void text(std::string& out, std::string_view name, std::string_view value);
void maybe_text(std::string& out, std::string_view name, const std::optional<std::string>& value);
void number(std::string& out, std::string_view name, std::int64_t value);
void maybe_number(std::string& out, std::string_view name, std::optional<std::int64_t> value);
void time(std::string& out, std::string_view name, Time value);
void texts(std::string& out, std::string_view name, const std::vector<std::string>& values);

/// None for an empty string.
std::optional<std::string> known(const std::string& value);

}  // namespace stapkill::json_fields
