#include "sys/users.h"

#include <pwd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <unordered_map>

namespace stapkill {

namespace {

constexpr std::int64_t kNobodys = 0xffffffff;  // (uid_t)-1: setresuid(2)

using Names = std::unordered_map<std::int64_t, std::optional<std::string>>;

bool of_another_machine = false;

/// The users of /etc/passwd. Not getpwuid(3): a directory service that does not answer would stop the event loop, and
/// it may be the very service that is being watched.
Names local_users() {
  Names names;
  std::FILE* file = std::fopen("/etc/passwd", "re");
  if (!file) return names;
  while (const passwd* entry = ::fgetpwent(file)) names.try_emplace(entry->pw_uid, entry->pw_name);
  std::fclose(file);
  return names;
}

Names& known_users() {
  static Names names = local_users();
  return names;
}

}  // namespace

const std::optional<std::string>& user_name(std::int64_t uid) {
  const auto& names = known_users();
  static const std::optional<std::string> unknown;
  auto at = names.find(uid);
  return at == names.end() ? unknown : at->second;
}

void set_user_names(const std::map<std::int64_t, std::string>& names) {
  of_another_machine = true;
  known_users() = Names(names.begin(), names.end());
}

std::vector<std::string> user_names() {
  std::vector<std::string> names;
  for (const auto& [uid, name] : known_users()) names.push_back(name.value_or(""));
  std::sort(names.begin(), names.end());
  return names;
}

std::optional<std::int64_t> user_id(const std::string& word) {
  std::int64_t number = 0;
  auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (error == std::errc() && end == word.data() + word.size())
    return number >= 0 && number < kNobodys ? std::optional(number) : std::nullopt;
  for (const auto& [uid, name] : known_users()) {
    if (name == word) return uid;
  }
  if (of_another_machine) return std::nullopt;
  const passwd* entry = ::getpwnam(word.c_str());
  return entry ? std::optional<std::int64_t>(entry->pw_uid) : std::nullopt;
}

}  // namespace stapkill
