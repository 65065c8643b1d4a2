#pragma once

#include <charconv>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace stapkill {

// Members of an object of foreign JSON: anything can be missing, or be of another kind.

/// The member of that name; null where there is none.
inline const nlohmann::json& member(const nlohmann::json& object, const char* name) {
  static const nlohmann::json none;
  if (!object.is_object()) return none;
  auto at = object.find(name);
  return at == object.end() ? none : *at;
}

/// The member's text; "" where it is none.
inline std::string text_of(const nlohmann::json& object, const char* name) {
  const auto& value = member(object, name);
  return value.is_string() ? value.get<std::string>() : std::string();
}

/// The member's number, which may be written as a text.
inline std::optional<std::int64_t> number_of(const nlohmann::json& object, const char* name) {
  const auto& value = member(object, name);
  if (value.is_number_integer()) return value.get<std::int64_t>();
  if (!value.is_string()) return std::nullopt;
  const auto& digits = value.get_ref<const std::string&>();
  std::int64_t parsed = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), parsed);
  return error == std::errc() && end == digits.data() + digits.size() ? std::optional(parsed) : std::nullopt;
}

}  // namespace stapkill
