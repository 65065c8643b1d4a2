#include "sys/users.h"

#include <pwd.h>

#include <charconv>
#include <cstdio>
#include <unordered_map>

namespace stapkill {

namespace {

/// The users of /etc/passwd. Not getpwuid(3): a directory service that does not answer would stop the event loop, and
/// it may be the very service that is being watched.
std::unordered_map<std::int64_t, std::optional<std::string>> local_users() {
  std::unordered_map<std::int64_t, std::optional<std::string>> names;
  std::FILE* file = std::fopen("/etc/passwd", "re");
  if (!file) return names;
  while (const passwd* entry = ::fgetpwent(file)) names.try_emplace(entry->pw_uid, entry->pw_name);
  std::fclose(file);
  return names;
}

}  // namespace

const std::optional<std::string>& user_name(std::int64_t uid) {
  static const auto names = local_users();
  static const std::optional<std::string> unknown;
  auto at = names.find(uid);
  return at == names.end() ? unknown : at->second;
}

std::optional<std::int64_t> user_id(const std::string& word) {
  std::int64_t number = 0;
  auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (error == std::errc() && end == word.data() + word.size() && number >= 0) return number;
  const passwd* entry = ::getpwnam(word.c_str());
  return entry ? std::optional<std::int64_t>(entry->pw_uid) : std::nullopt;
}

}  // namespace stapkill
