#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/time.h"
#include "store/tier.h"

namespace stapkill {

/// The files of a store are shards: each is a database of one tier and one day, or of a part of it. The oldest is
/// removed as a whole.

/// The shards of a tier, or of all tiers, in a directory, the oldest first.
std::vector<std::filesystem::path> shards_in(const std::filesystem::path& directory, std::optional<Tier> tier = {});

/// The path of a new shard for that time, after those of its tier that are there.
std::filesystem::path next_shard(const std::filesystem::path& directory, Tier tier, Time now);

/// The tier in a shard's name.
Tier tier_of(const std::filesystem::path& shard);

/// Whether a shard is of the day of that time (UTC).
bool is_of_day(const std::filesystem::path& shard, Time time);

/// Whether a shard's day ended before the day of that time.
bool is_older(const std::filesystem::path& shard, Time time);

/// The bytes of a shard, with SQLite's files beside it.
std::uint64_t bytes_of(const std::filesystem::path& shard);

/// Removes a shard and SQLite's files beside it.
void remove_shard(const std::filesystem::path& shard);

}  // namespace stapkill
