#include "store/history_reader.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/nearest.h"
#include "store/database.h"
#include "store/packed_text.h"
#include "store/record_text.h"
#include "store/schema.h"
#include "store/shards.h"

namespace stapkill {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostOpen = 64;
constexpr std::size_t kWholeId = 64;
constexpr std::size_t kShortestId = 4;  // fewer digits could as well be a name

/// The conditions of a query and their values, in order.
struct Conditions {
  std::string sql;
  std::vector<std::string> values;

  void add(const std::string& condition, std::initializer_list<std::string> more) {
    sql += (sql.empty() ? " WHERE " : " AND ") + condition;
    values.insert(values.end(), more);
  }
};

/// Every value of a column once, by a jump in its index from each value to the next: not by a look at every death.
std::string distinct(const std::string& column) {
  return "WITH RECURSIVE each(one) AS (SELECT min(" + column + ") FROM death WHERE " + column +
         " IS NOT NULL UNION ALL SELECT (SELECT min(" + column + ") FROM death WHERE " + column + " IS NOT NULL AND " +
         column + " > one) FROM each WHERE one IS NOT NULL) SELECT one FROM each WHERE one IS NOT NULL";
}

/// "NAMESPACE/NAME" for a name and each namespace, found by a jump to the first pod of the next namespace: '0' comes
/// after '/'.
constexpr std::string_view kInEachNamespace =
    "WITH RECURSIVE each(one) AS (SELECT min(pod) FROM death WHERE pod IS NOT NULL UNION ALL"
    " SELECT (SELECT min(pod) FROM death WHERE pod IS NOT NULL AND pod > CASE instr(one, '/') WHEN 0 THEN one ELSE"
    " substr(one, 1, instr(one, '/') - 1) || '0' END) FROM each WHERE one IS NOT NULL)"
    " SELECT substr(one, 1, instr(one, '/')) || ? FROM each WHERE one IS NOT NULL";

bool is_hexadecimal(const std::string& text) {
  return text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

void add_container(const std::string& word, Conditions& conditions) {
  if (word.size() < kShortestId || !is_hexadecimal(word))
    return conditions.add("(name = ? OR container = ?)", {word, word});
  if (word.size() == kWholeId) return conditions.add("container = ?", {word});
  // Every id that begins so: "g" comes after the digits.
  conditions.add("(name = ? OR container >= ? AND container < ?)", {word, word, word + "g"});
}

void add_pod(const std::string& word, Conditions& conditions) {
  if (word.find('/') != std::string::npos) return conditions.add("pod = ?", {word});
  conditions.add("pod IN (" + std::string(kInEachNamespace) + ")", {word});
}

Conditions conditions_of(const DeathQuery& query) {
  Conditions conditions;
  if (query.pid) conditions.add("pid = CAST(? AS INTEGER)", {std::to_string(*query.pid)});
  if (query.comm) conditions.add("comm = ?", {*query.comm});
  if (query.exe) conditions.add("exe = ?", {*query.exe});
  if (query.cmdline) conditions.add("instr(cmdline, ?) > 0", {*query.cmdline});
  if (query.uid) conditions.add("uid = CAST(? AS INTEGER)", {std::to_string(*query.uid)});
  if (query.unit) conditions.add("(unit = ? OR unit = ?)", {*query.unit, *query.unit + ".service"});
  if (query.container) add_container(*query.container, conditions);
  if (query.pod) add_pod(*query.pod, conditions);
  if (query.since) conditions.add("time >= CAST(? AS INTEGER)", {std::to_string(*query.since)});
  if (query.until) conditions.add("time <= CAST(? AS INTEGER)", {std::to_string(*query.until)});
  return conditions;
}

void bind(Statement& row, const Conditions& conditions) {
  for (std::size_t at = 0; at < conditions.values.size(); ++at)
    row.bind(static_cast<int>(at) + 1, std::string_view(conditions.values[at]));
}

std::optional<std::string> text_or_none(const Statement& row, int column) {
  auto text = row.text(column);
  return text.empty() ? std::nullopt : std::optional(std::move(text));
}

/// A packed text, or one that is as it is.
std::string text_in(const Statement& row, int column) {
  bool is_packed = row.is_bytes(column);  // before it is read as a text, which changes its type
  return is_packed ? unpacked(row.text(column)) : row.text(column);
}

StoredDeath death_of(const Statement& row, Statement& process, Tier tier) {
  StoredDeath death;
  death.time = row.number(0);
  death.pid = static_cast<int>(row.number(1));
  death.start = row.number(2);
  death.comm = row.text(3);
  death.exe = text_or_none(row, 4);
  death.cmdline = text_or_none(row, 5);
  if (!row.text(6).empty()) death.uid = row.number(6);
  death.unit = text_or_none(row, 7);
  death.container = text_or_none(row, 8);
  death.name = text_or_none(row, 9);
  death.pod = text_or_none(row, 10);
  death.cause = row.text(11);
  death.signal = static_cast<int>(row.number(12));
  death.initiator = row.text(13);
  death.tier = tier;
  if (tier == Tier::brief) {
    death.record = row.text(14);
    return death;
  }
  death.record = with_processes(text_in(row, 14), [&](std::int64_t number) {
    auto text = process.bind(1, number).step() ? text_in(process, 0) : std::string();
    (void)process.run();
    return text;
  });
  death.summary = summary_in(death.record);
  return death;
}

Result<void> check_version(const Database& database) {
  TRY_ASSIGN(auto about, database.prepare("SELECT version FROM about"));
  if (!about.step()) return fail(phrase("it has no version"));
  if (about.number(0) > kStoreVersion) return fail(phrase("it is of a newer stapkill"));
  return {};
}

tl::unexpected<Error> cannot_open(const fs::path& directory, int error) {
  if (error == ENOENT) {
    return fail(phrase("there is no history in {}: no recorder has run here", directory.string()),
                phrase("start one: sudo stapkill record"), "store.none", ErrorKind::not_found);
  }
  if (error == EACCES) {
    return fail(phrase("the history in {} may not be read by this user: only root may", directory.string()),
                phrase("run it with sudo"), "store.denied");
  }
  return fail(phrase("there is no history in {}: {}", directory.string(), std::strerror(error)),
              phrase("name the recorder's directory with --store"), "store.none", ErrorKind::not_found);
}

}  // namespace

Result<HistoryReader> HistoryReader::open(const fs::path& directory, Origin origin) {
  std::error_code error;
  bool is_directory = fs::is_directory(directory, error);
  if (!error && !is_directory) return cannot_open(directory, ENOTDIR);
  if (error || ::access(directory.c_str(), R_OK | X_OK) != 0)
    return cannot_open(directory, error ? error.value() : errno);
  auto shards = shards_in(directory);
  if (shards.empty()) return cannot_open(directory, ENOENT);
  std::reverse(shards.begin(), shards.end());
  return HistoryReader(std::move(shards), origin);
}

Result<Database> HistoryReader::open_shard(const fs::path& shard) const {
  if (!captured_) return Database::open(shard.string(), Database::For::reading);
  TRY_ASSIGN(auto readable, captured_->readable(shard));
  return Database::open(readable.string(), readable == shard ? Database::For::frozen : Database::For::reading);
}

/// An answer asks each shard many times: it stays open.
Result<Database> HistoryReader::opened(const fs::path& shard) {
  auto known = opened_.find(shard);
  if (known != opened_.end()) return known->second;
  TRY_ASSIGN(auto database, open_shard(shard));
  TRY(check_version(database));
  if (opened_.size() >= kMostOpen) opened_.erase(opened_.begin());
  return opened_.emplace(shard, std::move(database)).first->second;
}

void HistoryReader::each_shard(const std::function<Result<bool>(const Database&)>& visit, std::optional<Tier> tier) {
  for (const auto& shard : shards_) {
    if (tier && tier_of(shard) != tier) continue;
    auto look = [&]() -> Result<bool> {
      TRY_ASSIGN(auto database, opened(shard));
      return visit(database);
    };
    auto more = look();
    if (!more && ::access(shard.c_str(), F_OK) != 0) continue;  // the recorder has removed it since
    if (!more) {
      auto why = tr("{} cannot be read: {}", shard.filename().string(), more.error().message);
      if (std::find(damaged_.begin(), damaged_.end(), why) == damaged_.end()) damaged_.push_back(why);
    } else if (!*more) {
      return;
    }
  }
}

std::vector<StoredDeath> HistoryReader::find(const DeathQuery& query) {
  auto conditions = conditions_of(query);
  std::vector<StoredDeath> found;
  for (const auto& rules : kTiers) {
    auto before = found.size();
    auto look = [&](const Database& database) -> Result<bool> {
      TRY_ASSIGN(auto row, database.prepare("SELECT * FROM death" + conditions.sql + " ORDER BY time DESC LIMIT " +
                                            std::to_string(query.most - (found.size() - before))));
      TRY_ASSIGN(auto process, database.prepare("SELECT text FROM process WHERE id = ?1"));
      bind(row, conditions);
      while (row.step()) found.push_back(death_of(row, process, rules.tier));
      TRY(row.run());
      return found.size() - before < query.most;
    };
    each_shard(look, rules.tier);
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const StoredDeath& one, const StoredDeath& other) { return one.time > other.time; });
  if (found.size() > query.most) found.resize(query.most);
  for (auto& one : found) {
    if (complete_) complete_(one);
  }
  return found;
}

DeathCount HistoryReader::count(const DeathQuery& query) {
  auto conditions = conditions_of(query);
  DeathCount all;
  each_shard([&](const Database& database) -> Result<bool> {
    TRY_ASSIGN(auto row,
               database.prepare("SELECT count(*), max(time) FROM (SELECT time FROM death" + conditions.sql +
                                " ORDER BY time DESC LIMIT " + std::to_string(query.most - all.deaths) + ')'));
    bind(row, conditions);
    if (!row.step()) return fail(phrase("its deaths cannot be counted"));
    all.deaths += static_cast<std::size_t>(row.number(0));
    all.latest = std::max(all.latest, row.number(1));
    return all.deaths < query.most;
  });
  return all;
}

std::vector<BlindInterval> HistoryReader::blind(Time since, Time until) {
  std::vector<BlindInterval> intervals;
  each_shard([&](const Database& database) -> Result<bool> {
    TRY_ASSIGN(auto row, database.prepare("SELECT * FROM blind WHERE until >= ?1 AND since <= ?2"));
    row.bind(1, since).bind(2, until);
    while (row.step()) {
      auto why = std::clamp<std::int64_t>(row.number(2), 0, static_cast<std::int64_t>(BlindInterval::Why::dropped));
      intervals.push_back({row.number(0), row.number(1), static_cast<BlindInterval::Why>(why),
                           static_cast<std::uint64_t>(row.number(3))});
    }
    TRY(row.run());
    return true;
  });
  std::sort(intervals.begin(), intervals.end(),
            [](const BlindInterval& one, const BlindInterval& other) { return one.since < other.since; });
  return intervals;
}

std::optional<std::pair<Time, Time>> HistoryReader::covered() {
  std::optional<std::pair<Time, Time>> all;
  each_shard([&](const Database& database) -> Result<bool> {
    // Each by an index. An interval that was only counted was watched, too.
    TRY_ASSIGN(auto row, database.prepare("SELECT coalesce((SELECT min(since) FROM blind WHERE why = " +
                                          std::to_string(static_cast<int>(BlindInterval::Why::counted)) +
                                          "), "
                                          "(SELECT min(time) FROM death), watched),"
                                          " (SELECT min(time) FROM death),"
                                          " max(coalesce((SELECT max(time) FROM death), 0), watched) FROM about"));
    if (row.step() && row.number(2)) {
      auto first = row.number(1) ? std::min(row.number(0), row.number(1)) : row.number(0);
      std::pair<Time, Time> own{first, row.number(2)};
      all = all ? std::pair(std::min(all->first, own.first), std::max(all->second, own.second)) : own;
    }
    return true;
  });
  return all;
}

std::vector<std::string> HistoryReader::near(const std::string& word, std::size_t most) {
  constexpr std::string_view service = ".service";
  NearestNames nearest(word, most);
  each_shard([&](const Database& database) -> Result<bool> {
    for (const char* column : {"comm", "unit", "name", "pod"}) {
      TRY_ASSIGN(auto row, database.prepare(distinct(column)));
      while (row.step()) {
        auto name = row.text(0);
        nearest.consider(name.ends_with(service) ? name.substr(0, name.size() - service.size()) : name);
      }
    }
    return true;
  });
  return nearest.names();
}

}  // namespace stapkill
