#include "cli/why/query.h"

#include <algorithm>
#include <limits>

#include "base/text.h"
#include "base/when.h"
#include "cli/command.h"
#include "cli/why/place.h"
#include "sys/users.h"

namespace stapkill {
namespace {

constexpr std::size_t kAll = 100'000;
constexpr std::size_t kLongestComm = 15;  // TASK_COMM_LEN without its NUL

Result<void> read_times(const Arguments& arguments, Time now, DeathQuery& query) {
  for (auto [name, value] : {std::pair("since", &query.since), std::pair("until", &query.until)}) {
    auto word = arguments.one(name);
    if (!word) continue;
    *value = parse_when(*word, now);
    if (!*value)
      return usage_error(
          phrase("--{} expects a time such as 2h, 'yesterday 03:00' or 2026-11-30T10:00:00Z, not '{}'", name, *word));
  }
  if (query.since && query.until && *query.since > *query.until)
    return usage_error(phrase("--since '{}' is after --until '{}'", *arguments.one("since"), *arguments.one("until")));
  return {};
}

/// How many: --last, --limit or --all.
Result<void> read_amount(const Arguments& arguments, DeathQuery& query) {
  std::string_view first;
  for (std::string_view name : {"limit", "last", "all"}) {
    if (!arguments.has(name)) continue;
    if (!first.empty()) return usage_error(phrase("--{} and --{} exclude each other", first, name));
    first = name;
    if (name == "all") {
      query.most = kAll;
      continue;
    }
    TRY_ASSIGN(auto number, arguments.number(name, 1));
    query.most = static_cast<std::size_t>(std::min<std::int64_t>(*number, kAll));
  }
  return {};
}

Result<std::optional<std::int64_t>> uid_of(const Arguments& arguments) {
  auto word = arguments.one("uid");
  if (!word) return std::nullopt;
  if (arguments.has("root")) {  // whose users are not this machine's
    TRY_ASSIGN(auto number, parse_whole("--uid with --root", *word, 0));
    return number;
  }
  auto uid = Users::of_this_machine().id(*word);
  if (!uid) return usage_error("--uid: " + uid.error().message, uid.error().remedy);
  return *uid;
}

bool is_number(const std::string& word) {
  return word.find_first_not_of("0123456789", word[0] == '-' ? 1 : 0) == std::string::npos;
}

Result<int> pid_of(std::string_view what, const std::string& word) {
  TRY_ASSIGN(auto pid, parse_whole(what, word, 1));
  return static_cast<int>(std::min<std::int64_t>(pid, std::numeric_limits<int>::max()));
}

/// What a bare word that is no number can mean.
struct Kind {
  std::string_view option;
  std::optional<std::string> DeathQuery::*value;
};
constexpr Kind kKinds[] = {
    {"unit", &DeathQuery::unit},
    {"container", &DeathQuery::container},
    {"pod", &DeathQuery::pod},
    {"name", &DeathQuery::comm},
};

}  // namespace

Result<DeathQuery> why_query(const Arguments& arguments, Time now) {
  DeathQuery query;
  if (auto word = arguments.one("pid")) {
    TRY_ASSIGN(auto pid, pid_of("--pid", *word));
    query.pid = pid;
  }
  if (auto name = arguments.one("name")) query.comm = name->substr(0, kLongestComm);
  query.exe = arguments.one("exe");
  query.cmdline = arguments.one("cmdline");
  query.unit = arguments.one("unit");
  query.container = arguments.one("container");
  query.pod = arguments.one("pod");
  TRY_ASSIGN(query.uid, uid_of(arguments));
  TRY(read_times(arguments, now, query));
  TRY(read_amount(arguments, query));
  return query;
}

bool names_something(const DeathQuery& query) {
  return query.pid || query.comm || query.exe || query.cmdline || query.unit || query.container || query.pod;
}

std::vector<Meaning> meanings_of(const std::string& word, const DeathQuery& query) {
  std::vector<Meaning> all;
  for (const auto& kind : kKinds) {
    if (query.*kind.value) continue;
    Meaning meaning{kind.option, query};
    meaning.query.*kind.value = kind.option == "name" ? word.substr(0, kLongestComm) : word;
    all.push_back(std::move(meaning));
  }
  return all;
}

DeathQuery number_read(const std::string& word, DeathQuery query) {
  if (is_number(word)) query.pid = pid_of("PID", word).value_or(0);
  return query;
}

Result<void> check_word(const std::string& word, const DeathQuery& query) {
  if (word.empty()) return usage_error(phrase("'' is no PID and no NAME"));
  if (!is_number(word)) {
    if (meanings_of(word, query).empty())
      return usage_error(phrase("'{}' has no meaning beside --unit, --container, --pod and --name", word));
    return {};
  }
  TRY(pid_of("PID", word));
  if (query.pid) return usage_error(phrase("the pid '{}' and --pid exclude each other", word));
  return {};
}

WordMeaning find_word(const std::string& word, const DeathQuery& query, HistoryReader& history) {
  WordMeaning taken{query, {}, ""};
  if (is_number(word)) {
    taken.query = number_read(word, query);
    taken.found = history.find(taken.query);
    return taken;
  }
  std::string_view as;
  for (const auto& meaning : meanings_of(word, query)) {
    auto look = meaning.query;
    if (!as.empty()) look.most = 1;
    auto found = history.find(look);
    if (found.empty()) continue;
    if (as.empty()) {
      taken.query = meaning.query;
      taken.found = std::move(found);
      as = meaning.what;
    } else if (!fits(taken.query, place_of(found[0]))) {
      taken.remark = phrase("'{}' is taken as a {}; --{} {} finds others", word, as, meaning.what, shell_word(word));
      break;
    }
  }
  return taken;
}

}  // namespace stapkill
