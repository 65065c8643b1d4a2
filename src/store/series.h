#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "store/shard.h"

namespace stapkill {

/// The shards of one tier. The newest is written to; the oldest goes as a whole when all together would exceed the
/// tier's share.
class Series {
 public:
  /// `bytes`: the share. `days`: older shards go.
  Series(std::filesystem::path directory, Tier tier, std::uint64_t bytes, std::optional<int> days);

  /// The shard for that time: the one of before, or a new one where that is full, of another day, or damaged.
  /// Errors: a shard is of a newer version, or none can be made.
  Result<Shard*> shard(Time now);

  /// Removes what exceeds the limits. Returns what was dropped, an interval for each shard.
  std::vector<BlindInterval> keep_limits(Time now);

  /// Removes the oldest shard, but not the one that is written to. False: there is no other.
  bool drop_oldest(std::vector<BlindInterval>& dropped);

  /// The next commit goes to another file: this one is damaged.
  void give_up() {
    shard_.reset();
    opened_any_ = true;
  }

 private:
  std::uint64_t piece() const { return bytes_ / rules_.pieces; }
  bool is_full(Time now) const;
  void drop(const std::filesystem::path& shard, std::vector<BlindInterval>& dropped) const;

  std::filesystem::path directory_;
  const TierRules& rules_;
  std::uint64_t bytes_;
  std::optional<int> days_;
  std::unique_ptr<Shard> shard_;
  Time begun_ = 0;           ///< when the shard was opened
  bool opened_any_ = false;  ///< the last shard of the recorder before was looked at
};

}  // namespace stapkill
