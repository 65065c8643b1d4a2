#include "store/series.h"

#include <utility>

#include "store/shards.h"

namespace stapkill {
namespace {

namespace fs = std::filesystem;

constexpr Time kDay = Time{86400} * 1'000'000'000;

}  // namespace

Series::Series(fs::path directory, Tier tier, std::uint64_t bytes, std::optional<int> days)
    : directory_(std::move(directory)), rules_(rules_of(tier)), bytes_(bytes), days_(days) {}

bool Series::is_full(Time now) const {
  if (!is_of_day(shard_->path(), now) || bytes_of(shard_->path()) >= piece()) return true;
  return rules_.most && (now - begun_ >= *rules_.most || now < begun_);
}

Result<Shard*> Series::shard(Time now) {
  if (shard_ && is_full(now)) shard_.reset();
  if (shard_) return shard_.get();
  auto shards = shards_in(directory_, rules_.tier);
  // The last shard of the recorder before goes on, unless its day is over or it is damaged.
  if (!std::exchange(opened_any_, true) && !shards.empty() && is_of_day(shards.back(), now)) {
    auto last = Shard::open(shards.back(), rules_.tier, piece());
    if (last) {
      shard_ = std::move(*last);
    } else if (last.error().id == "store.version") {
      return tl::unexpected(last.error());
    }
  }
  if (!shard_) {
    auto path = next_shard(directory_, rules_.tier, now);
    auto made = Shard::open(path, rules_.tier, piece());
    if (!made) {
      remove_shard(path);  // what there is of it
      return tl::unexpected(made.error());
    }
    shard_ = std::move(*made);
  }
  begun_ = now;
  return shard_.get();
}

void Series::drop(const fs::path& shard, std::vector<BlindInterval>& dropped) const {
  auto interval = deaths_in(shard);
  if (rules_.tier == Tier::brief) interval.why = BlindInterval::Why::counted;
  if (interval.count) dropped.push_back(interval);
  remove_shard(shard);
}

std::vector<BlindInterval> Series::keep_limits(Time now) {
  std::vector<BlindInterval> dropped;
  auto shards = shards_in(directory_, rules_.tier);
  std::uint64_t bytes = 0, most = bytes_ - piece();  // room for what comes until the next look
  for (const auto& one : shards) bytes += bytes_of(one);
  auto left = shards.size();
  for (const auto& one : shards) {
    if (shard_ && one == shard_->path()) break;
    bool too_old = days_ && is_older(one, now - *days_ * kDay);
    bool too_many = rules_.files && left > static_cast<std::size_t>(*rules_.files);
    if (bytes <= most && !too_old && !too_many) break;
    bytes -= bytes_of(one);
    --left;
    drop(one, dropped);
  }
  return dropped;
}

bool Series::drop_oldest(std::vector<BlindInterval>& dropped) {
  auto shards = shards_in(directory_, rules_.tier);
  if (shards.empty() || (shard_ && shards.front() == shard_->path())) return false;
  drop(shards.front(), dropped);
  return true;
}

}  // namespace stapkill
