#include "cli/why/host_answer.h"

#include <algorithm>
#include <filesystem>
#include <limits>

#include "autopsy/inquest/boots.h"
#include "autopsy/inquest/rules.h"
#include "autopsy/inquest/source_file.h"
#include "autopsy/inquest/sources.h"
#include "cli/why/query.h"
#include "host/facts.h"

namespace stapkill {
namespace {

constexpr Time kDay = Time{24} * 3600 * 1'000'000'000;

Sought sought_by(const DeathQuery& query) {
  return {query.pid, query.comm, query.exe, query.cmdline, query.uid, query.unit, query.container, query.pod};
}

/// What a bare word can mean, the most specific first; without one the query itself.
std::vector<DeathQuery> readings_of(const std::string* word, const DeathQuery& query) {
  if (!word || query.pid) return {query};
  std::vector<DeathQuery> all;
  for (auto& meaning : meanings_of(*word, query)) all.push_back(std::move(meaning.query));
  return all;
}

/// Of deaths at the same time, such as those of a unit's processes, the one that most sources show comes first.
void put_best_shown_first(std::vector<const FoundDeath*>& latest_first) {
  constexpr Time same = Time{2} * 1'000'000'000;
  auto last = std::find_if(latest_first.begin(), latest_first.end(),
                           [&](const FoundDeath* one) { return one->time < latest_first.front()->time - same; });
  std::stable_sort(latest_first.begin(), last, [](const FoundDeath* one, const FoundDeath* other) {
    return one->ends.size() > other->ends.size();
  });
}

/// The deaths that fit, judged.
std::vector<FoundDeath> judged_by(const std::vector<FoundDeath>& all, const DeathQuery& query,
                                  const Evidence& evidence) {
  std::vector<const FoundDeath*> fitting;
  auto sought = sought_by(query);
  for (const auto& death : all) {
    if (fits(sought, death)) fitting.push_back(&death);
  }
  put_best_shown_first(fitting);
  if (fitting.size() > query.most) fitting.resize(query.most);
  std::vector<FoundDeath> judged;
  for (const auto* death : fitting) {
    judged.push_back(*death);
    complete(judged.back(), evidence);
    conclude(judged.back(), evidence);
    if (sought.unit) doubt_unit(judged.back());
  }
  return judged;
}

void find_deaths(HostAnswer& answer, const std::string* word, const DeathQuery& query) {
  auto all = deaths_in(*answer.evidence);
  for (const auto& reading : readings_of(word, query)) {
    answer.deaths = judged_by(all, reading, *answer.evidence);
    if (!answer.deaths.empty()) return;
  }
}

Result<HostAnswer> from_files(const std::vector<std::string>& paths, const Scope& scope) {
  HostAnswer answer;
  answer.from_files = true;
  for (const auto& path : paths) {
    TRY_ASSIGN(auto reading, read_source_file(path, scope));
    add(*answer.evidence, std::move(reading));
  }
  bring_together(*answer.evidence);
  return answer;
}

Result<std::string> root_of(const Arguments& arguments) {
  auto root = arguments.one("root");
  if (!root) return std::string();
  std::error_code error;
  auto below = std::filesystem::canonical(*root, error);
  if (error)
    return fail(phrase("cannot read the host in {}: {}", *root, error.message()),
                phrase("name its directory with --root"));
  return below.string();
}

/// The zone of a captured host's clock, for stamps without one.
std::string zone_of(const Scope& scope) {
  return scope.live() ? "" : scope.files.outside("/etc/localtime");
}

/// How far back to look, one after the other.
std::vector<Time> beginnings(const DeathQuery& query, const Scope& scope) {
  if (query.since) return {*query.since};
  if (!scope.live()) return {0};
  return {scope.until - kDay, scope.until - 30 * kDay};
}

Distribution distribution_of(const std::string& root) {
  auto facts = root.empty() ? Facts::live() : Facts::below(root).value_or(Facts::live());
  return distribution(*facts);
}

}  // namespace

Result<HostAnswer> ask_host(const Arguments& arguments, const DeathQuery& query, const std::string* word, Time now) {
  TRY_ASSIGN(auto root, root_of(arguments));
  Scope scope{HostFiles(root)};
  scope.now = now;
  scope.until = query.until.value_or(scope.live() ? now : std::numeric_limits<Time>::max());
  scope.zone = zone_of(scope);
  scope.boots = known_boots(scope);
  auto files = arguments.all("source");
  if (!files.empty()) {
    scope.until = std::numeric_limits<Time>::max();
    scope.boots.clear();
    TRY_ASSIGN(auto answer, from_files(files, scope));
    find_deaths(answer, word, query);
    answer.distribution = distribution_of("");
    return answer;
  }
  if (query.unit) scope.units = {*query.unit};
  if (word && !query.pid) scope.units.push_back(*word);
  HostAnswer answer;
  for (auto since : beginnings(query, scope)) {
    scope.since = since;
    *answer.evidence = gather(scope);
    find_deaths(answer, word, query);
    if (!answer.deaths.empty()) break;
  }
  answer.since = scope.since;
  answer.until = scope.until;
  answer.distribution = distribution_of(root);
  return answer;
}

}  // namespace stapkill
