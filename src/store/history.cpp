#include "store/history.h"

#include <algorithm>
#include <array>
#include <deque>
#include <utility>
#include <vector>

#include "store/series.h"
#include "store/shards.h"
#include "sys/exclusive.h"
#include "sys/file.h"

namespace stapkill {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kShares = 16;
constexpr std::uint64_t kLargePart = 64;  // of the limit, in one commit
constexpr std::size_t kLeastLarge = 32 << 10, kMostLarge = 1 << 20;
constexpr std::size_t kMostInMemory = 4 << 20;
constexpr std::size_t kMostBlind = 256;  // intervals in memory
constexpr std::uintmax_t kLeastRoom = 128 << 10;
constexpr std::size_t kOverhead = 256;  // bytes of a death besides its texts

std::size_t size_of(const StoredDeath& death) {
  return kOverhead + death.record.size() + death.summary.size() + death.cmdline.value_or("").size();
}

/// Deaths that wait for a commit. When there is no room on the disk they are bounded: what matters least goes first.
class Waiting {
 public:
  void add(StoredDeath death) {
    bytes_ += size_of(death);
    deaths_[static_cast<std::size_t>(death.tier)].push_back(std::move(death));
  }
  std::deque<StoredDeath>& of(Tier tier) { return deaths_[static_cast<std::size_t>(tier)]; }
  std::size_t bytes() const { return bytes_; }

  void clear(Tier tier) {
    for (const auto& one : of(tier)) bytes_ -= size_of(one);
    of(tier).clear();
  }

  /// The interval of what is dropped; count 0: nothing.
  BlindInterval shrink(std::size_t most) {
    BlindInterval dropped;
    dropped.why = BlindInterval::Why::dropped;
    for (auto tier : {Tier::brief, Tier::ends, Tier::deaths}) {
      auto& deaths = of(tier);
      for (; bytes_ > most && !deaths.empty(); deaths.pop_front()) {
        const auto& one = deaths.front();
        dropped.since = dropped.count ? std::min(dropped.since, one.time) : one.time;
        dropped.until = std::max(dropped.until, one.time);
        ++dropped.count;
        bytes_ -= size_of(one);
      }
    }
    return dropped;
  }

 private:
  std::array<std::deque<StoredDeath>, kTiers.size()> deaths_;
  std::size_t bytes_ = 0;
};

}  // namespace

struct History::State {
  fs::path directory;
  HistoryLimits limits;
  Fd lock;
  std::vector<Series> series;
  Waiting waiting;
  std::vector<BlindInterval> blind;
  std::optional<Watched> before, watched;

  State(fs::path place, HistoryLimits its_limits, Fd its_lock)
      : directory(std::move(place)), limits(its_limits), lock(std::move(its_lock)) {
    for (const auto& rules : kTiers)
      series.emplace_back(directory, rules.tier, limits.bytes / kShares * rules.share, limits.days);
  }

  /// What was dropped or counted until the next commit is one interval.
  void note(const std::vector<BlindInterval>& intervals) {
    for (const auto& one : intervals) {
      bool sums = one.why == BlindInterval::Why::dropped || one.why == BlindInterval::Why::counted;
      auto same =
          std::find_if(blind.begin(), blind.end(), [&](const BlindInterval& other) { return other.why == one.why; });
      if (!sums || same == blind.end()) {
        blind.push_back(one);
        continue;
      }
      same->since = std::min(same->since, one.since);
      same->until = std::max(same->until, one.until);
      same->count += one.count;
    }
    if (blind.size() > kMostBlind) blind.erase(blind.begin(), blind.end() - kMostBlind);
  }

  bool has_something(Tier tier) {
    return !waiting.of(tier).empty() || (tier == Tier::deaths && (!blind.empty() || watched));
  }

  /// What a tier's file gets: the deaths' also has what was not seen.
  void put_all(Shard& shard, Tier tier) {
    for (const auto& one : waiting.of(tier)) shard.put(one);
    if (tier != Tier::deaths) return;
    for (const auto& one : blind) shard.put(one);
    if (watched) shard.put(*watched);
  }

  Result<void> write(const TierRules& rules, Time now) {
    if (!has_something(rules.tier)) return {};
    auto& its = series[static_cast<std::size_t>(rules.tier)];
    TRY_ASSIGN(auto* shard, its.shard(now));
    auto done = shard->commit([&](Shard& open) { put_all(open, rules.tier); });
    if (!done && !is_full(done.error())) its.give_up();
    TRY(done);
    waiting.clear(rules.tier);
    if (rules.tier == Tier::deaths) blind.clear();
    return {};
  }

  Result<void> write_all(Time now) {
    Result<void> all;
    for (const auto& rules : kTiers) {
      auto done = write(rules, now);
      if (!done && all) all = done;
    }
    return all;
  }

  /// Whether there is no room on the disk. SQLite says so, or fails in other ways where it finds none for a new file.
  bool is_full(const Error& error) const {
    std::error_code unknown;
    auto space = fs::space(directory, unknown);
    return error.id == "store.full" || (!unknown && space.available < kLeastRoom);
  }

  /// Removes the oldest shard of what matters least.
  bool make_room() {
    std::vector<BlindInterval> dropped;
    bool some = std::any_of(series.rbegin(), series.rend(), [&](Series& one) { return one.drop_oldest(dropped); });
    note(dropped);
    return some;
  }

  void keep_limits(Time now) {
    for (auto& one : series) note(one.keep_limits(now));
  }
};

History::History(std::unique_ptr<State> state) : state_(std::move(state)) {}
History::History(History&&) noexcept = default;
History& History::operator=(History&&) noexcept = default;
History::~History() = default;

Result<History> History::open(const fs::path& directory, HistoryLimits limits, Time now) {
  TRY(make_private_directory(directory));
  TRY_ASSIGN(auto lock, hold_alone(directory / "lock", phrase("another recorder writes to {}", directory.string())));
  auto state = std::make_unique<State>(directory, limits, std::move(lock));
  for (const auto& shard : shards_in(directory, Tier::deaths)) {
    auto watched = watched_in(shard);
    if (watched && (!state->before || watched->until > state->before->until)) state->before = watched;
  }
  for (auto& one : state->series) TRY(one.shard(now));
  state->keep_limits(now);
  return History(std::move(state));
}

const std::optional<Watched>& History::before() const {
  return state_->before;
}

void History::add(StoredDeath death) {
  state_->waiting.add(std::move(death));
  auto dropped = state_->waiting.shrink(kMostInMemory);
  if (dropped.count) state_->note({dropped});
}

void History::add(const BlindInterval& blind) {
  state_->note({blind});
}

void History::watched(Watched watched) {
  state_->watched = std::move(watched);
}

bool History::is_large() const {
  auto part = static_cast<std::size_t>(state_->limits.bytes / kLargePart);
  return state_->waiting.bytes() >= std::clamp(part, kLeastLarge, kMostLarge);
}

bool History::is_empty() const {
  return state_->waiting.bytes() == 0 && state_->blind.empty();
}

Result<void> History::commit(Time now) {
  auto& state = *state_;
  auto done = state.write_all(now);
  while (!done && state.is_full(done.error()) && state.make_room()) done = state.write_all(now);
  state.keep_limits(now);
  return done;
}

}  // namespace stapkill
