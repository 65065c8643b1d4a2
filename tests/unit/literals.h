#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// A reader of stap scripts that is no part of stapkill: it knows where string literals begin and end (stap(1)).
namespace literals {

/// Whether it is exactly one string literal: quotes at its ends, none that is not escaped between.
inline bool is_one(std::string_view script) {
  if (script.size() < 2 || script.front() != '"' || script.back() != '"') return false;
  for (std::size_t i = 1; i + 1 < script.size(); ++i) {
    if (script[i] == '"' || script[i] == '\n') return false;
    if (script[i] == '\\' && ++i + 1 >= script.size()) return false;
  }
  return true;
}

/// What a literal of plain characters and octal escapes stands for; nothing for any other.
inline std::optional<std::string> read(std::string_view script) {
  if (!is_one(script)) return std::nullopt;
  std::string text;
  for (std::size_t i = 1; i + 1 < script.size(); ++i) {
    if (script[i] != '\\') {
      text += script[i];
      continue;
    }
    int value = 0, digits = 0;
    while (digits < 3 && script[i + 1] >= '0' && script[i + 1] <= '7') {
      value = value * 8 + script[++i] - '0';
      ++digits;
    }
    if (digits == 0) return std::nullopt;
    text += static_cast<char>(value);
  }
  return text;
}

/// A script apart: what stands outside string literals, with a mark for each, and the literals.
struct Parts {
  std::string around;
  std::vector<std::string> literals;
};

inline Parts take_apart(std::string_view script) {
  Parts parts;
  auto skip_to = [&](std::size_t from, std::string_view end) {
    auto at = script.find(end, from);
    at = at == std::string_view::npos ? script.size() : at + end.size();
    return at;
  };
  for (std::size_t at = 0; at < script.size();) {
    std::size_t next = at + 1;
    auto two = script.substr(at, 2);
    if (script[at] == '#' || two == "//") {
      next = skip_to(at, "\n");
    } else if (two == "/*") {
      next = skip_to(at + 2, "*/");
    } else if (two == "%{") {
      next = skip_to(at + 2, "%}");
    } else if (script[at] == '"') {
      while (next < script.size() && script[next] != '"') next += script[next] == '\\' ? 2 : 1;
      next = std::min(next + 1, script.size());
      parts.literals.emplace_back(script.substr(at, next - at));
      parts.around += "<literal>";
      at = next;
      continue;
    }
    parts.around += script.substr(at, next - at);
    at = next;
  }
  return parts;
}

}  // namespace literals
