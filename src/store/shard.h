#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "store/stored_death.h"

namespace stapkill {

/// Until when a recorder watched.
struct Watched {
  Time until = 0;
  std::string boot;      ///< boot_id of the machine (random(4))
  bool stopped = false;  ///< it was stopped then; else it watched on
};

/// A database of one tier that the recorder writes to.
class Shard {
 public:
  /// Opens a file, and makes it. Errors: it is of a newer version ("store.version"), or what SQLite says.
  /// `bytes`: about its size when it is full.
  static Result<std::unique_ptr<Shard>> open(const std::filesystem::path& path, Tier tier, std::uint64_t bytes);
  ~Shard();
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  const std::filesystem::path& path() const;

  /// Puts all that `add` adds into the file, or nothing. Errors: "store.full" where there is no room on the disk.
  Result<void> commit(const std::function<void(Shard&)>& add);

  // Only within `add`.
  void put(const StoredDeath& death);
  void put(const BlindInterval& blind);
  void put(const Watched& watched);

 private:
  struct State;
  explicit Shard(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// What a shard says of its recorder; none: it does not say, or cannot be read.
std::optional<Watched> watched_in(const std::filesystem::path& shard);

/// The deaths in a shard as an interval in which they were dropped; count 0: none, or it cannot be read.
BlindInterval deaths_in(const std::filesystem::path& shard);

}  // namespace stapkill
