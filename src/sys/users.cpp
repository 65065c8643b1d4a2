#include "sys/users.h"

#include <pwd.h>
#include <signal.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdio>
#include <string_view>
#include <unordered_map>

#include "sys/child.h"

namespace stapkill {

namespace {

constexpr std::int64_t kNobodys = 0xffffffff;  // (uid_t)-1: setresuid(2)
constexpr int kPatience = 3;                   // seconds: somebody waits, and the service may be down

using Names = std::unordered_map<std::int64_t, std::optional<std::string>>;

bool of_another_machine = false;

std::FILE* open_passwd() {
  return std::fopen("/etc/passwd", "re");
}

/// The users of /etc/passwd. Not getpwuid(3): a directory service that does not answer would stop the event loop, and
/// it may be the very service that is being watched.
Names local_users() {
  Names names;
  std::FILE* file = open_passwd();
  if (!file) return names;
  while (const passwd* entry = ::fgetpwent(file)) names.try_emplace(entry->pw_uid, entry->pw_name);
  std::fclose(file);
  return names;
}

Names& known_users() {
  static Names names = local_users();
  return names;
}

std::optional<std::int64_t> as_number(std::string_view word) {
  std::int64_t number = 0;
  auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  bool whole = !word.empty() && end == word.data() + word.size() && word[0] != '-';
  return error == std::errc() && whole ? std::optional(number) : std::nullopt;
}

tl::unexpected<Error> no_such_user(const std::string& word) {
  return fail("there is no user '" + word + "'", "", "no-user");
}

/// Whether getent(1) takes it for a name: no option, no number (as strtoul(3) reads one), in one field of one line.
bool could_be_name(std::string_view word) {
  return word.find_first_not_of("0123456789+- \t") != std::string_view::npos && word[0] != '-' &&
         std::none_of(word.begin(), word.end(), [](unsigned char c) { return c == ':' || std::iscntrl(c); });
}

/// A directory service's users. Not getpwnam(3): that loads the host's own NSS into the process, which only a binary of
/// the same C library can, and it waits for a service that is down.
Result<std::int64_t> ask_services(const std::string& word) {
  const std::string number = "give the number: id -u " + word;
  auto asked = run_child({.argv = {"getent", "passwd", word}, .parent_death_signal = SIGKILL}, kPatience);
  if (!asked && asked.error().id == "timeout")
    return fail("there is no user '" + word + "' in /etc/passwd, and the directory service did not answer within " +
                    std::to_string(kPatience) + " s",
                number, "no-answer");
  if (!asked)
    return fail("there is no user '" + word +
                    "' in /etc/passwd, and directory services cannot be asked here: " + asked.error().message,
                number, "no-answer");
  // NAME:PASSWORD:UID:…; the name may come back in another case, or with its domain.
  std::string_view line = asked->out;
  for (int field = 0; field < 2; ++field) line.remove_prefix(std::min(line.find(':'), line.size() - 1) + 1);
  auto uid = asked->status == 0 && !line.empty() ? as_number(line.substr(0, line.find(':'))) : std::nullopt;
  if (!uid || *uid >= kNobodys) return no_such_user(word);
  return *uid;
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

Result<std::int64_t> user_id(const std::string& word) {
  auto number = as_number(word);
  if (number) {
    if (*number < kNobodys) return *number;
    return no_such_user(word);
  }
  for (const auto& [uid, name] : known_users()) {
    if (name == word) return uid;
  }
  if (of_another_machine || !could_be_name(word)) return no_such_user(word);
  return ask_services(word);
}

}  // namespace stapkill
