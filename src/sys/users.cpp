#include "sys/users.h"

#include <pwd.h>
#include <signal.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdio>
#include <string_view>

#include "sys/child.h"

namespace stapkill {

namespace {

constexpr std::int64_t kNobodys = 0xffffffff;  // (uid_t)-1: setresuid(2)
constexpr int kPatience = 3;                   // seconds: the user waits, and the service may be down

std::optional<std::int64_t> as_number(std::string_view word) {
  std::int64_t number = 0;
  auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  bool whole = !word.empty() && end == word.data() + word.size() && word[0] != '-';
  return error == std::errc() && whole ? std::optional(number) : std::nullopt;
}

tl::unexpected<Error> no_such_user(const std::string& word) {
  return fail(phrase("there is no user '{}'", word), "", "no-user");
}

/// Whether getent(1) takes it as a name: no option, no number (strtoul(3)), no ':', no control character.
bool could_be_name(std::string_view word) {
  return word.find_first_not_of("0123456789+- \t") != std::string_view::npos && word[0] != '-' &&
         std::none_of(word.begin(), word.end(), [](unsigned char c) { return c == ':' || std::iscntrl(c); });
}

/// A directory service's users. Not getpwnam(3): it loads the host's NSS modules, which needs the same C library, and
/// it waits for a service that is down.
Result<std::int64_t> ask_services(const std::string& word) {
  const auto number = phrase("give the number: id -u {}", word);
  auto asked = run_child({.argv = {"getent", "passwd", word}, .parent_death_signal = SIGKILL}, kPatience);
  if (!asked && asked.error().kind == ErrorKind::timed_out)
    return fail(phrase("there is no user '{}' in /etc/passwd, and the directory service did not answer within {} s",
                       word, kPatience),
                number, "no-answer");
  if (!asked)
    return fail(phrase("there is no user '{}' in /etc/passwd, and directory services cannot be asked here: {}", word,
                       asked.error().message),
                number, "no-answer");
  // NAME:PASSWORD:UID:…; the name may come back in another case, or with its domain.
  std::string_view line = asked->out;
  for (int field = 0; field < 2; ++field) line.remove_prefix(std::min(line.find(':'), line.size() - 1) + 1);
  auto uid = asked->status == 0 && !line.empty() ? as_number(line.substr(0, line.find(':'))) : std::nullopt;
  if (!uid || *uid >= kNobodys) return no_such_user(word);
  return *uid;
}

}  // namespace

Users Users::of_this_machine() {
  Users users({});
  users.has_services_ = true;
  // Not getpwent(3): it asks directory services too.
  std::FILE* file = std::fopen("/etc/passwd", "re");
  if (!file) return users;
  while (const passwd* entry = ::fgetpwent(file)) users.names_.try_emplace(entry->pw_uid, entry->pw_name);
  std::fclose(file);
  return users;
}

std::optional<std::string> Users::name(std::int64_t uid) const {
  auto at = names_.find(uid);
  return at == names_.end() ? std::nullopt : std::optional(at->second);
}

std::vector<std::string> Users::names() const {
  std::vector<std::string> names;
  for (const auto& [uid, name] : names_) names.push_back(name);
  std::sort(names.begin(), names.end());
  return names;
}

Result<std::int64_t> Users::id(const std::string& word) const {
  if (auto number = as_number(word)) {
    if (*number < kNobodys) return *number;
    return no_such_user(word);
  }
  for (const auto& [uid, name] : names_) {
    if (name == word) return uid;
  }
  if (!has_services_ || !could_be_name(word)) return no_such_user(word);
  return ask_services(word);
}

}  // namespace stapkill
