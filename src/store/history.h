#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "base/result.h"
#include "base/time.h"
#include "store/shard.h"
#include "store/stored_death.h"

namespace stapkill {

struct HistoryLimits {
  std::uint64_t bytes = std::uint64_t{256} << 20;  ///< of all files together
  std::optional<int> days;                         ///< older shards go; none: only the size counts
};

/// Writes the recorder's history: a bounded set of databases in a directory that only this user can read. What is added
/// is kept in memory until it is in a file, also while there is no room on the disk; that memory is bounded, too.
class History {
 public:
  /// Opens a directory, and makes it. Errors: another recorder has it ("lock.taken"), it belongs to another user, a
  /// shard is of a newer version. A damaged shard is left as it is.
  static Result<History> open(const std::filesystem::path& directory, HistoryLimits limits, Time now);
  History(History&&) noexcept;
  History& operator=(History&&) noexcept;
  ~History();

  /// Until when the recorder before this one watched; none: there was none.
  const std::optional<Watched>& before() const;

  void add(StoredDeath death);
  void add(const BlindInterval& blind);
  /// The recorder saw everything until then.
  void watched(Watched watched);

  /// So much was added that it should be committed now.
  bool is_large() const;
  bool is_empty() const;  ///< nothing was added since the last commit

  /// Puts what was added into the files. Keeps the limits; where the disk is full, old shards go first. Errors: it
  /// stays in memory, for the next commit.
  Result<void> commit(Time now);

 private:
  struct State;
  explicit History(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace stapkill
