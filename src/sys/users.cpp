#include "sys/users.h"

#include <pwd.h>

#include <charconv>
#include <unordered_map>

namespace stapkill {

const std::optional<std::string>& user_name(std::int64_t uid) {
  constexpr std::size_t most = 4096;
  static std::unordered_map<std::int64_t, std::optional<std::string>> names;
  if (names.size() > most) names.clear();
  auto [at, fresh] = names.try_emplace(uid);
  if (fresh) {
    if (const passwd* entry = ::getpwuid(static_cast<uid_t>(uid))) at->second = entry->pw_name;
  }
  return at->second;
}

std::optional<std::int64_t> user_id(const std::string& word) {
  std::int64_t number = 0;
  auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (error == std::errc() && end == word.data() + word.size() && number >= 0) return number;
  const passwd* entry = ::getpwnam(word.c_str());
  return entry ? std::optional<std::int64_t>(entry->pw_uid) : std::nullopt;
}

}  // namespace stapkill
