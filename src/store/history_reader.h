#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "store/captured_shards.h"
#include "store/database.h"
#include "store/stored_death.h"

namespace stapkill {

/// Which deaths; what is not set does not matter. All that is set must fit.
struct DeathQuery {
  std::optional<int> pid;
  std::optional<std::string> comm, exe, cmdline;  ///< cmdline: a part of it
  std::optional<std::int64_t> uid;
  std::optional<std::string> unit;       ///< "nginx" is nginx.service, too
  std::optional<std::string> container;  ///< its id, the beginning of it (4 digits), or its name
  std::optional<std::string> pod;        ///< "NAMESPACE/NAME" or "NAME"
  std::optional<Time> since, until;
  std::size_t most = 1;  ///< the latest
};

/// How many deaths fit a query, and when the latest of them was (0 where there is none).
struct DeathCount {
  std::size_t deaths = 0;
  Time latest = 0;
};

/// Reads a recorder's history, also while the recorder writes it.
class HistoryReader {
 public:
  /// `captured`: a copy of another host's files, in which nothing is written.
  enum class Origin { this_host, captured };

  /// Errors: there is none ("store.none"), or it may not be read ("store.denied"); what is there is no directory.
  static Result<HistoryReader> open(const std::filesystem::path& directory, Origin origin = Origin::this_host);

  /// Records are stored in short: `complete` gives each death the record and the summary that it has.
  void complete_with(std::function<void(StoredDeath&)> complete) { complete_ = std::move(complete); }

  /// The deaths that fit, the latest first, with whole records. A damaged shard is left out: see damaged().
  std::vector<StoredDeath> find(const DeathQuery& query);

  /// Counts the deaths that fit, `query.most` at most, the latest first. Reads no records.
  DeathCount count(const DeathQuery& query);

  /// The intervals in which not all was seen, that overlap this one; the earliest first.
  std::vector<BlindInterval> blind(Time since, Time until);

  /// From when until when the shards reach; none where nothing was watched yet.
  std::optional<std::pair<Time, Time>> covered();

  /// The names of processes, units, containers and pods that are nearest to a word that may be misspelt, the nearest
  /// first, `most` at most. A service is named without ".service".
  std::vector<std::string> near(const std::string& word, std::size_t most);

  /// What could not be read, a sentence each.
  const std::vector<std::string>& damaged() const { return damaged_; }

 private:
  HistoryReader(std::vector<std::filesystem::path> shards, Origin origin)
      : shards_(std::move(shards)),
        captured_(origin == Origin::captured ? std::make_unique<CapturedShards>() : nullptr) {}
  Result<Database> open_shard(const std::filesystem::path& shard) const;
  Result<Database> opened(const std::filesystem::path& shard);
  void each_shard(const std::function<Result<bool>(const Database&)>& visit, std::optional<Tier> tier = {});

  std::vector<std::filesystem::path> shards_;  ///< the latest first
  std::unique_ptr<CapturedShards> captured_;   ///< null: they are this host's
  std::map<std::filesystem::path, Database> opened_;
  std::vector<std::string> damaged_;
  std::function<void(StoredDeath&)> complete_;
};

}  // namespace stapkill
